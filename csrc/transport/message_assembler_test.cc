#include "transport/message_assembler.h"

#include <gtest/gtest.h>

#include <string>

namespace skein::transport {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(MessageAssembler, assembles_from_any_pieces) {
  const std::string wire("\0\0\0\0\x05hello", 10);
  for (size_t step = 1; step <= wire.size(); ++step) {
    MessageAssembler assembler;
    for (size_t i = 0; i < wire.size(); i += step) {
      auto piece = bytes(std::string_view(wire).substr(i, step));
      ASSERT_TRUE(assembler.feed(piece, 100).ok());
      EXPECT_TRUE(piece.empty());
    }
    ASSERT_TRUE(assembler.complete());
    EXPECT_EQ(assembler.take().text(), "hello");
    EXPECT_TRUE(assembler.idle());
  }
}

TEST(MessageAssembler, stops_at_the_end_of_a_message) {
  MessageAssembler assembler;
  const std::string wire(
      "\0\0\0\0\x01"
      "a\0\0\0\0\0",
      11);
  auto input = bytes(wire);
  ASSERT_TRUE(assembler.feed(input, 100).ok());
  EXPECT_EQ(input.size(), 5u);
  EXPECT_EQ(assembler.take().text(), "a");
  ASSERT_TRUE(assembler.feed(input, 100).ok());
  EXPECT_TRUE(assembler.complete());
  EXPECT_EQ(assembler.take().size, 0u);
}

TEST(MessageAssembler, refuses_by_the_prefix_alone) {
  MessageAssembler large;
  auto input = bytes(std::string_view("\0\0\0\0\x65", 5));
  Status status = large.feed(input, 100);
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_NE(status.message().find("101"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("100"), std::string::npos) << status.message();
  MessageAssembler compressed;
  input = bytes(std::string_view("\1\0\0\0\x01", 5));
  EXPECT_EQ(compressed.feed(input, 100).code(), Code::kInternal);
  MessageAssembler odd;
  input = bytes(std::string_view("\x07\0\0\0\x01", 5));
  EXPECT_EQ(odd.feed(input, 100).code(), Code::kInternal);
}

}  // namespace
}  // namespace skein::transport

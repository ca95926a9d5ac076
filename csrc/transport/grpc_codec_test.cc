#include "transport/grpc_codec.h"

#include <gtest/gtest.h>

namespace skein::transport {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(GrpcCodec, prefix_is_flag_and_big_endian_length) {
  auto bytes = make_prefix(0x01020304);
  EXPECT_EQ(bytes[0], std::byte{0});
  EXPECT_EQ(bytes[1], std::byte{1});
  EXPECT_EQ(bytes[4], std::byte{4});
  EXPECT_EQ(parse_prefix(bytes).length, 0x01020304u);
  bytes[0] = std::byte{1};
  EXPECT_EQ(parse_prefix(bytes).compressed, 1);
  EXPECT_EQ(parse_prefix(make_prefix(0xFFFFFFFF)).length, 0xFFFFFFFFu);
}

TEST(GrpcCodec, timeout_of_every_unit) {
  EXPECT_EQ(parse_timeout("2H"), Duration(hours(2)));
  EXPECT_EQ(parse_timeout("3M"), Duration(minutes(3)));
  EXPECT_EQ(parse_timeout("4S"), Duration(seconds(4)));
  EXPECT_EQ(parse_timeout("5m"), Duration(milliseconds(5)));
  EXPECT_EQ(parse_timeout("6u"), Duration(microseconds(6)));
  EXPECT_EQ(parse_timeout("7n"), Duration(nanoseconds(7)));
  EXPECT_EQ(parse_timeout("0n"), Duration(0));
  EXPECT_EQ(parse_timeout("99999999S"), Duration(seconds(99999999)));
}

TEST(GrpcCodec, timeout_beyond_the_clock_is_the_longest) {
  EXPECT_EQ(parse_timeout("99999999H"), Duration::max());
}

TEST(GrpcCodec, malformed_timeouts_are_refused) {
  for (const char* text : {"", "S", "5", "-1S", "1.5S", "1 S", "1s", "1h", "123456789S", "1SS"}) {
    EXPECT_FALSE(parse_timeout(text).has_value()) << text;
  }
}

TEST(GrpcCodec, percent_encoding_keeps_printable_ascii) {
  EXPECT_EQ(percent_encode("model 'x': 4 > 3"), "model 'x': 4 > 3");
  EXPECT_EQ(percent_encode("100%\n"), "100%25%0A");
  EXPECT_EQ(percent_encode("\xC3\xA4"), "%C3%A4");
  EXPECT_EQ(percent_encode(std::string_view("\0\x7F", 2)), "%00%7F");
  for (int byte = 0; byte < 256; ++byte) {
    std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(needs_percent_encoding(text), percent_encode(text) != text) << byte;
    text = "a longer text" + text;
    EXPECT_EQ(needs_percent_encoding(text), percent_encode(text) != text) << byte;
  }
}

TEST(GrpcCodec, base64_with_and_without_padding) {
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_EQ(base64_decode("YQ=="), "a");
  EXPECT_EQ(base64_decode("YQ"), "a");
  EXPECT_EQ(base64_decode("YWI="), "ab");
  EXPECT_EQ(base64_decode("YWJj"), "abc");
  EXPECT_EQ(base64_decode("+/8="), "\xFB\xFF");
}

TEST(GrpcCodec, malformed_base64_is_refused) {
  for (const char* text : {"Y", "Y===", "YQ=", "Y Q=", "YQ==YQ==", "Y-_="}) {
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace skein::transport

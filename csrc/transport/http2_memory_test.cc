#include "transport/http2_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace skein::transport {
namespace {

TEST(Http2Memory, pieces_of_all_sizes_are_apart_and_aligned) {
  Http2Memory memory;
  std::vector<unsigned char*> pieces;
  for (size_t size = 0; size < 3000; size += 7) {
    auto* piece = static_cast<unsigned char*>(memory.allocate(size));
    ASSERT_NE(piece, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % 16, 0u);
    std::memset(piece, static_cast<int>(size % 251), size);
    pieces.push_back(piece);
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (size_t at = 0; at < i * 7; ++at) ASSERT_EQ(pieces[i][at], i * 7 % 251);
    memory.free(pieces[i]);
  }
}

TEST(Http2Memory, growing_and_shrinking_keeps_the_contents) {
  Http2Memory memory;
  auto* piece = static_cast<char*>(memory.reallocate(nullptr, 6));
  std::strcpy(piece, "hello");
  for (size_t size : {10, 100, 5000, 50, 20000, 6}) {
    piece = static_cast<char*>(memory.reallocate(piece, size));
    EXPECT_STREQ(piece, "hello") << size;
  }
  memory.free(piece);
  memory.free(nullptr);
}

TEST(Http2Memory, recycled_memory_is_zeroed_when_asked_for) {
  Http2Memory memory;
  nghttp2_mem* functions = memory.functions();
  void* used = memory.allocate(100);
  std::memset(used, 0xff, 100);
  memory.free(used);
  auto* zeroed = static_cast<unsigned char*>(functions->calloc(10, 10, functions->mem_user_data));
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(zeroed[i], 0);
  functions->free(zeroed, functions->mem_user_data);
}

}  // namespace
}  // namespace skein::transport

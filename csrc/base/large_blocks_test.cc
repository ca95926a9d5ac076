#include "base/large_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>
#include <vector>

#include "base/buffer.h"

namespace skein {
namespace {

TEST(LargeBlocks, a_block_given_back_serves_the_next_of_its_class) {
  void* first = take_large_block(150'000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
  give_large_block(first, 150'000);
  void* second = take_large_block(200'000);
  EXPECT_EQ(second, first);
  give_large_block(second, 200'000);
}

TEST(LargeBlocks, buffers_of_every_size_are_writable_to_their_end) {
  for (size_t size : {0, 1, 447, 448, 449, 4031, 4032, 4033, 4 << 20, (4 << 20) + 1, 9 << 20}) {
    for (int round = 0; round < 2; ++round) {
      Ref<Buffer> buffer = Buffer::allocate(size);
      ASSERT_EQ(buffer->size(), size);
      if (size > 0) std::memset(buffer->data(), round, size);
    }
  }
}

TEST(LargeBlocks, threads_share_them) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) {
        Ref<Buffer> buffer = Buffer::allocate(5000 + 7001 * (i % 40));
        std::memset(buffer->data(), t, buffer->size());
        EXPECT_EQ(buffer->data()[buffer->size() - 1], static_cast<std::byte>(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace skein

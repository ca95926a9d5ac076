// Memory blocks for large messages, kept for the next one: a general allocator gives such memory
// back to the system each time, and faulting its pages in again costs more than copying them.
#pragma once

#include <cstddef>

namespace skein {

inline constexpr size_t kSmallestLargeBlock = 4 << 10;  // bytes
inline constexpr size_t kLargestLargeBlock = 4 << 20;

// kSmallestLargeBlock <= size <= kLargestLargeBlock; 64-byte aligned. Throws std::bad_alloc.
void* take_large_block(size_t size);
// `size` as it was taken.
void give_large_block(void* block, size_t size) noexcept;

}  // namespace skein

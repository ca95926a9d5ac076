// Memory blocks of one size for what every request needs for a moment: its message, its answer.
// They are often freed by another thread than the one that took them, in bursts, which general
// allocators answer with locks; here each thread keeps a cache and trades surplus in bulk.
#pragma once

#include <cstddef>

namespace skein {

inline constexpr size_t kSmallBlockSize = 512;  // bytes, 64-byte aligned

// Throws std::bad_alloc.
void* take_small_block();
void give_small_block(void* block) noexcept;

}  // namespace skein

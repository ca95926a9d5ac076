// For sanitizer builds, which must see each block's true life.
#include <new>

#include "base/small_blocks.h"

namespace skein {

void* take_small_block() { return ::operator new (kSmallBlockSize, std::align_val_t{64}); }

void give_small_block(void* block) noexcept { ::operator delete (block, std::align_val_t{64}); }

}  // namespace skein

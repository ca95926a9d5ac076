#include "base/large_blocks.h"

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <vector>

namespace skein {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr size_t kKept = 64 << 20;  // bytes, in the whole process
constexpr size_t kClasses =
    std::countr_zero(kLargestLargeBlock) - std::countr_zero(kSmallestLargeBlock) + 1;

// Blocks come in powers of two; pages of one that nobody touches cost nothing.
size_t rounded(size_t size) { return std::bit_ceil(size); }

size_t class_of(size_t capacity) {
  return static_cast<size_t>(std::countr_zero(capacity) - std::countr_zero(kSmallestLargeBlock));
}

class Shelves {
 public:
  Shelves() {
    // So that giving back never allocates.
    for (size_t i = 0; i < kClasses; ++i) shelves_[i].reserve(kKept / (kSmallestLargeBlock << i));
  }

  // nullptr: none of this capacity is kept.
  void* take(size_t capacity) {
    std::lock_guard lock(mutex_);
    std::vector<void*>& shelf = shelves_[class_of(capacity)];
    if (shelf.empty()) return nullptr;
    void* block = shelf.back();
    shelf.pop_back();
    kept_ -= capacity;
    return block;
  }
  bool give(void* block, size_t capacity) {
    std::lock_guard lock(mutex_);
    if (kept_ + capacity > kKept) return false;
    shelves_[class_of(capacity)].push_back(block);
    kept_ += capacity;
    return true;
  }

 private:
  std::mutex mutex_;
  std::array<std::vector<void*>, kClasses> shelves_;
  size_t kept_ = 0;
};

// Never destroyed: threads may end after static destructors ran.
Shelves& shelves() {
  static Shelves& instance = *new Shelves;
  return instance;
}

}  // namespace

void* take_large_block(size_t size) {
  size_t capacity = rounded(size);
  void* block = shelves().take(capacity);
  return block != nullptr ? block : ::operator new(capacity, kAlignment);
}

void give_large_block(void* block, size_t size) noexcept {
  size_t capacity = rounded(size);
  if (!shelves().give(block, capacity)) ::operator delete(block, kAlignment);
}

}  // namespace skein

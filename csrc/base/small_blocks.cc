#include "base/small_blocks.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <vector>

namespace skein {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr size_t kCached = 128;  // blocks per thread
constexpr size_t kTraded = kCached / 2;
constexpr size_t kSpare = 8192;  // blocks kept for other threads: 4 MiB

// Surplus of some threads for others.
class Exchange {
 public:
  Exchange() { spare_.reserve(kSpare); }

  size_t take(void** blocks, size_t most) {
    std::lock_guard lock(mutex_);
    size_t count = 0;
    for (; count < most && !spare_.empty(); spare_.pop_back()) blocks[count++] = spare_.back();
    return count;
  }
  // Returns how many it took; it keeps no more than kSpare.
  size_t give(void* const* blocks, size_t count) {
    std::lock_guard lock(mutex_);
    size_t taken = std::min(count, kSpare - spare_.size());
    spare_.insert(spare_.end(), blocks, blocks + taken);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<void*> spare_;
};

// Never destroyed: threads may end after static destructors ran.
Exchange& exchange() {
  static Exchange& instance = *new Exchange;
  return instance;
}

class Cache {
 public:
  ~Cache() { shrink(count_); }

  void* take() {
    if (count_ == 0) count_ = exchange().take(blocks_.data(), kTraded);
    if (count_ == 0) return ::operator new(kSmallBlockSize, kAlignment);
    return blocks_[--count_];
  }
  void give(void* block) {
    if (count_ == kCached) shrink(kTraded);
    blocks_[count_++] = block;
  }

 private:
  void shrink(size_t by) {
    count_ -= by;
    size_t traded = exchange().give(blocks_.data() + count_, by);
    for (size_t i = traded; i < by; ++i) ::operator delete(blocks_[count_ + i], kAlignment);
  }

  std::array<void*, kCached> blocks_;
  size_t count_ = 0;
};

thread_local Cache cache;

}  // namespace

void* take_small_block() { return cache.take(); }
void give_small_block(void* block) noexcept { cache.give(block); }

}  // namespace skein

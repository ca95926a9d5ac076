// How many bytes of messages the server holds, over all its connections, and who waits for that
// to fall. A partial message cannot be freed by waiting for a handler or a reader, so the two
// kinds are counted apart: when everything held is partial, waiting would last for ever.
#pragma once

#include <atomic>
#include <cstdint>

namespace skein::transport {

// A change of, or a count of, bytes held.
struct HeldBytes {
  int64_t partial = 0;  // of request messages still arriving
  int64_t ready = 0;    // of requests being handled and of replies not yet written

  int64_t total() const { return partial + ready; }
  friend bool operator==(const HeldBytes&, const HeldBytes&) = default;
};

class ByteBudget {
 public:
  explicit ByteBudget(int64_t limit) : limit_(limit) {}

  // Returns the I/O threads (a bit each) that wait and should look again.
  uint64_t change(HeldBytes delta) {
    if (delta.partial != 0) partial_.fetch_add(delta.partial, std::memory_order_seq_cst);
    if (delta.ready != 0) ready_.fetch_add(delta.ready, std::memory_order_seq_cst);
    // Sequentially consistent with wait(): either the waiter sees this change or we see it.
    if (waiting_.load(std::memory_order_seq_cst) == 0) return 0;
    if (exhausted() && !stuck()) return 0;
    return waiting_.exchange(0, std::memory_order_seq_cst);
  }

  // Announces that an I/O thread holds clients back. The caller looks at exhausted() and stuck()
  // once more afterwards.
  void wait(int io_thread) {
    waiting_.fetch_or(uint64_t{1} << io_thread, std::memory_order_seq_cst);
  }

  HeldBytes held() const {
    return {partial_.load(std::memory_order_seq_cst), ready_.load(std::memory_order_seq_cst)};
  }
  int64_t limit() const { return limit_; }
  // Clients should be held back.
  bool exhausted() const { return held().total() >= limit_; }
  // Holding back was not enough (windows granted earlier): refuse what still arrives.
  bool overdrawn() const { return held().total() >= limit_ + limit_ / 4; }
  // Nothing that is held can go away by itself.
  bool stuck() const { return exhausted() && held().ready <= 0; }

 private:
  const int64_t limit_;
  alignas(64) std::atomic<int64_t> partial_{0};
  std::atomic<int64_t> ready_{0};
  std::atomic<uint64_t> waiting_{0};
};

}  // namespace skein::transport

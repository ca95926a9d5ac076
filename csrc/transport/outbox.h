// What other threads hand to an I/O thread: a lock-free stack that its owner takes whole, and the
// flag that saves the wake-up when the owner is not asleep.
#pragma once

#include <atomic>
#include <utility>

namespace skein::transport {

class OutboxItem {
 public:
  // On the I/O thread. May destroy the item.
  virtual void deliver() = 0;

 protected:
  ~OutboxItem() = default;

 private:
  friend class Outbox;
  OutboxItem* next_ = nullptr;
};

class Outbox {
 public:
  // Any thread. True: the owner sleeps (or is about to) and the caller must wake it. The item may
  // be delivered and gone before this returns.
  bool push(OutboxItem* item) {
    OutboxItem* head = head_.load(std::memory_order_relaxed);
    do {
      item->next_ = head;
    } while (!head_.compare_exchange_weak(head, item, std::memory_order_seq_cst,
                                          std::memory_order_relaxed));
    // Whoever made it non-empty answers for the wake-up. Sequential consistency of head_ and
    // asleep_ means: either the owner sees the item before it sleeps, or we see it asleep.
    return head == nullptr && asleep_.load(std::memory_order_seq_cst);
  }

  // --- The owner only. ---

  // Before sleeping. False: something has arrived, do not sleep.
  bool prepare_sleep() {
    asleep_.store(true, std::memory_order_seq_cst);
    if (head_.load(std::memory_order_seq_cst) == nullptr) return true;
    awake();
    return false;
  }
  void awake() { asleep_.store(false, std::memory_order_relaxed); }

  // Delivers all items in the order in which they were pushed. False: there were none.
  bool deliver_all() {
    if (head_.load(std::memory_order_relaxed) == nullptr) return false;
    OutboxItem* item = in_order(head_.exchange(nullptr, std::memory_order_acquire));
    while (item != nullptr) std::exchange(item, item->next_)->deliver();
    return true;
  }

 private:
  static OutboxItem* in_order(OutboxItem* newest) {
    OutboxItem* ordered = nullptr;
    while (newest != nullptr) {
      OutboxItem* older = std::exchange(newest->next_, ordered);
      ordered = std::exchange(newest, older);
    }
    return ordered;
  }

  alignas(64) std::atomic<OutboxItem*> head_{nullptr};
  std::atomic<bool> asleep_{false};
};

}  // namespace skein::transport

// Deadlines of one I/O thread: a binary heap of timers that know their place in it, so that
// arming and disarming need no search and no allocation.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace skein::transport {

class Timer {
 public:
  bool armed() const { return place_ != kNowhere; }
  TimePoint due() const { return due_; }
  // Called once when due; the timer is disarmed by then and may be armed again.
  virtual void on_timer(TimePoint now) = 0;

 protected:
  Timer() = default;
  ~Timer() = default;

 private:
  friend class TimerHeap;
  static constexpr size_t kNowhere = static_cast<size_t>(-1);
  TimePoint due_{};
  size_t place_ = kNowhere;
};

class TimerHeap {
 public:
  // Arms or moves. kNever disarms.
  void arm(Timer& timer, TimePoint due);
  void disarm(Timer& timer);
  // kNever when empty.
  TimePoint next() const { return heap_.empty() ? kNever : heap_.front()->due_; }
  // Fires every timer that is due at `now`.
  void fire(TimePoint now);
  size_t size() const { return heap_.size(); }

 private:
  void put(Timer* timer, size_t place);
  void rise(size_t place);
  void sink(size_t place);

  std::vector<Timer*> heap_;
};

}  // namespace skein::transport

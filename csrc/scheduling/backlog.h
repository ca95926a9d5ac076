// How many rows wait, by the time at which each is due: what admission must know of a queue whose
// most urgent requests run first. Changed under the device's mutex; read by any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace skein::scheduling {

class Backlog {
 public:
  // Where a request was counted; needed to take it out again.
  enum class Place : uint8_t { kSlice, kDistant };

  Place add(TimePoint due, int64_t rows, TimePoint now);
  void remove(TimePoint due, Place place, int64_t rows);

  int64_t requests() const { return requests_.load(std::memory_order_relaxed); }
  int64_t rows() const { return total_.load(std::memory_order_relaxed); }
  // Rows due no later than `due`, to the resolution of a slice (8.4 ms); those beyond the horizon
  // (1 s) are not told apart and all count for a due time beyond it.
  int64_t rows_before(TimePoint due) const;

 private:
  static constexpr int kSliceBits = 23;  // nanoseconds of a slice: 2^23
  static constexpr int64_t kSlices = 128;

  static int64_t slice_of(TimePoint time) { return time.time_since_epoch().count() >> kSliceBits; }
  void advance(int64_t slice);
  static void change(std::atomic<int64_t>& cell, int64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  std::atomic<int64_t> first_{0};  // slices before it are overdue
  std::atomic<int64_t> requests_{0}, total_{0}, overdue_{0}, distant_{0};
  std::array<std::atomic<int64_t>, kSlices> slices_{};
};

}  // namespace skein::scheduling

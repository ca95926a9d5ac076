// How far predicted waits were off of late: what they must be multiplied with so that nearly all
// requests are answered within them. Covers what the latency model cannot know, such as other
// processes on the same cores. One writer at a time, any readers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace skein::scheduling {

class Calibration {
 public:
  // Of its latest kWindow waits, the share kCovered was no longer than predicted times factor().
  static constexpr size_t kWindow = 128;
  static constexpr double kCovered = 0.98;
  static constexpr double kLargest = 2.5;

  void record(Duration predicted, Duration actual);  // predicted > 0
  // Between 1 and kLargest.
  double factor() const { return factor_.load(std::memory_order_relaxed); }

 private:
  std::array<float, kWindow> ratios_{};
  size_t recorded_ = 0;
  std::atomic<double> factor_{1};
};

}  // namespace skein::scheduling

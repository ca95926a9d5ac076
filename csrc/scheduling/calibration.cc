#include "scheduling/calibration.h"

#include <algorithm>

namespace skein::scheduling {
namespace {

constexpr size_t kEvery = 8;  // records between two looks at the window

}  // namespace

void Calibration::record(Duration predicted, Duration actual) {
  auto ratio = static_cast<float>(actual.count()) / static_cast<float>(predicted.count());
  ratios_[recorded_++ % kWindow] = ratio;
  if (recorded_ % kEvery != 0) return;
  std::array<float, kWindow> sorted = ratios_;
  size_t count = std::min(recorded_, kWindow);
  auto rank = static_cast<size_t>(kCovered * static_cast<double>(count - 1) + 0.5);
  auto nth = sorted.begin() + static_cast<ptrdiff_t>(rank);
  std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<ptrdiff_t>(count));
  factor_.store(std::clamp<double>(*nth, 1, kLargest), std::memory_order_relaxed);
}

}  // namespace skein::scheduling

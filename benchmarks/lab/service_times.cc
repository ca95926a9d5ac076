#include "lab/service_times.h"

#include <algorithm>
#include <stdexcept>

namespace skein::lab {
namespace {

double run_at(const ServiceTimes::Size& size, double quantile) {
  auto count = static_cast<double>(size.runs_ns.size());
  auto index = static_cast<size_t>(std::clamp(quantile * count, 0.0, count - 1));
  return static_cast<double>(size.runs_ns[index]);
}

Duration nanoseconds(double value) { return Duration(static_cast<int64_t>(value)); }

}  // namespace

ServiceTimes::ServiceTimes(std::vector<Size> sizes) : sizes_(std::move(sizes)) {
  if (sizes_.empty()) throw std::invalid_argument("no batch size was measured");
  for (Size& size : sizes_) {
    if (size.rows < 1 || size.runs_ns.empty()) {
      throw std::invalid_argument("a batch size needs at least one row and one run");
    }
    std::ranges::sort(size.runs_ns);
  }
  std::ranges::sort(sizes_, {}, &Size::rows);
}

Duration ServiceTimes::at(int64_t rows, double quantile) const {
  auto above = std::ranges::lower_bound(sizes_, rows, {}, &Size::rows);
  bool outside = above == sizes_.end() || (above == sizes_.begin() && above->rows != rows);
  if (outside) {
    const Size& nearest = above == sizes_.end() ? sizes_.back() : sizes_.front();
    double per_row = run_at(nearest, quantile) / static_cast<double>(nearest.rows);
    return nanoseconds(per_row * static_cast<double>(rows));
  }
  double upper = run_at(*above, quantile);
  if (above->rows == rows) return nanoseconds(upper);
  const Size& below = *(above - 1);
  double lower = run_at(below, quantile);
  auto share =
      static_cast<double>(rows - below.rows) / static_cast<double>(above->rows - below.rows);
  return nanoseconds(lower + (upper - lower) * share);
}

}  // namespace skein::lab

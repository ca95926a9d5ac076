// How long runs of a model take, as measured in a loop of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace skein::lab {

class ServiceTimes {
 public:
  struct Size {
    int64_t rows = 1;
    std::vector<int64_t> runs_ns;  // at least one; any order
  };

  // At least one size. Throws std::invalid_argument otherwise.
  explicit ServiceTimes(std::vector<Size> sizes);

  // The run of a batch of `rows` at a quantile in [0, 1) of what was measured. Between two sizes
  // it is interpolated, beyond the ends it is in proportion to the rows.
  Duration at(int64_t rows, double quantile) const;

  const std::vector<Size>& sizes() const { return sizes_; }  // ascending, runs sorted

 private:
  std::vector<Size> sizes_;
};

}  // namespace skein::lab

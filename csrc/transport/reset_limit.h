// A token bucket against clients that open streams only to reset them (CVE-2023-44487).
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace skein::transport {

class ResetLimit {
 public:
  static constexpr double kBurst = 10;  // seconds' worth

  ResetLimit(int per_second, TimePoint now)
      : per_second_(per_second), tokens_(kBurst * per_second), filled_(now) {}

  // False: this reset is one too many.
  bool allow(TimePoint now) {
    std::chrono::duration<double> passed = now - filled_;
    filled_ = now;
    tokens_ = std::min(kBurst * per_second_, tokens_ + passed.count() * per_second_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double tokens_;
  TimePoint filled_;
};

}  // namespace skein::transport

// When an open loop sends: a pure sequence of times, independent of any answer.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "base/clock.h"
#include "load/options.h"

namespace skein::load {

class ArrivalSequence {
 public:
  // `rate` in calls per second.
  ArrivalSequence(Arrivals kind, double rate, uint64_t seed, TimePoint start)
      : kind_(kind), mean_gap_ns_(1e9 / rate), random_(seed), start_(start) {
    step();
  }

  TimePoint next() const { return start_ + Duration(static_cast<int64_t>(elapsed_ns_)); }
  void step() {
    elapsed_ns_ += mean_gap_ns_ * (kind_ == Arrivals::kPoisson ? exponential_(random_) : 1.0);
  }

 private:
  Arrivals kind_;
  double mean_gap_ns_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> exponential_{1.0};
  TimePoint start_;
  double elapsed_ns_ = 0;
};

}  // namespace skein::load

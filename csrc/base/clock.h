// One clock for arrivals, deadlines and measurements; injected so that tests can advance it.
#pragma once

#include <chrono>

namespace skein {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

inline constexpr TimePoint kNever = TimePoint::max();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // The process's steady clock.
  static const Clock& steady();
};

}  // namespace skein

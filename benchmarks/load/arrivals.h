// When an open loop sends: the rows of a trace that fall to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "load/trace.h"

namespace skein::load {

// A call that is due, in either loop.
struct Arrival {
  TimePoint start;           // latency and deadline count from here
  uint32_t deadline_us = 0;  // 0: none
  uint32_t body = 0;
  size_t row = 0;  // of the trace; 0 in a closed loop
};

class ArrivalSequence {
 public:
  // Every `stride`-th row of the trace from row `first`, up to and without those due at `end`.
  ArrivalSequence(std::span<const TraceRow> trace, size_t first, size_t stride, TimePoint start,
                  TimePoint end)
      : trace_(trace), row_(first), stride_(stride), start_(start), end_(end) {}

  // When the next call is due; kNever after the last.
  TimePoint next() const {
    if (row_ >= trace_.size()) return kNever;
    TimePoint due = start_ + Duration(trace_[row_].offset_ns);
    return due < end_ ? due : kNever;
  }
  // The call that is due at next(), which is not kNever.
  Arrival take() {
    const TraceRow& row = trace_[row_];
    Arrival arrival{start_ + Duration(row.offset_ns), row.deadline_us, row.body, row_};
    row_ += stride_;
    return arrival;
  }

 private:
  std::span<const TraceRow> trace_;
  size_t row_;
  size_t stride_;
  TimePoint start_;
  TimePoint end_;
};

}  // namespace skein::load

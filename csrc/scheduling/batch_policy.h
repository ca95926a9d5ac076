// Which of the waiting requests to run now, as a pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/model_spec.h"

namespace skein::scheduling {

// The compatible requests at the head of a queue, oldest first. A prefix suffices: the policy
// never looks past the first one that no longer fits into a batch.
struct QueueView {
  std::span<const int64_t> rows;  // per request; at least one request
  TimePoint oldest{};             // when the first one was queued
};

struct Decision {
  size_t run = 0;           // take this many requests, or
  TimePoint wake = kNever;  // look again at this time (run == 0)
};

// Work-conserving unless max_queue_delay is set: whatever waits is run, up to max_batch_size.
// With preferred sizes the longest prefix that makes one is taken. With a delay, a batch that is
// neither full nor of a preferred size waits for company until its oldest request is that old.
Decision decide(const QueueView& view, const BatchingSpec& limits, TimePoint now);

}  // namespace skein::scheduling

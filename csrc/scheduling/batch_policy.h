// Which of the waiting requests to run now, as pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/model_spec.h"
#include "scheduling/latency_model.h"
#include "telemetry/model_stats.h"

namespace skein::scheduling {

// One request as the policy sees it.
struct Waiting {
  int64_t rows = 1;
  TimePoint due = kNever;  // its deadline, or the model's latency target if that is sooner
};

// The compatible requests at the head of a queue, most urgent first. A prefix suffices: the policy
// never looks past the first one that no longer fits into a batch.
struct QueueView {
  std::span<const Waiting> requests;  // at least one
  TimePoint oldest{};                 // when the one that waits longest was queued
  bool other_shapes = false;          // others wait that cannot join
};

struct Decision {
  size_t run = 0;                                          // take this many requests, or
  TimePoint wake = kNever;                                 // look again at this time (run == 0)
  telemetry::Release why = telemetry::Release::kIdleSlot;  // of a run
};

// Work-conserving unless a delay or a latency target is set: whatever waits is run, up to
// max_batch_size and up to what the tightest due time in the batch allows (high() of the model).
// Due times that cannot be met even alone no longer bind. With preferred sizes the longest prefix
// that makes one is taken. With a delay, a batch that is neither full nor of a preferred size waits
// for company until its oldest request is that old. With a latency target and no delay it waits
// where a batch of twice the size costs at least a tenth less per row, no longer than running the
// present one takes. It never waits into the last millisecond in which the larger one would still
// meet all due times, and while nothing is known of the model no longer than half the way there.
Decision decide(const QueueView& view, const BatchingSpec& limits, const LatencyModel& model,
                TimePoint now);

// No idle server could answer in time any more: fewer than half of the runs are that quick.
bool is_hopeless(TimePoint deadline, int64_t rows, const LatencyModel& model, TimePoint now);

}  // namespace skein::scheduling

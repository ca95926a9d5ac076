#include "scheduling/batch_policy.h"

#include <algorithm>

namespace skein::scheduling {
namespace {

using telemetry::Release;

// A batch twice as large must cost at most so much per row to be worth a wait.
constexpr double kWorthwhile = 0.9;

// Kept between the planned end of a run and the tightest due time: a wait ends late, and the answer
// has to reach the client.
constexpr Duration kMargin = std::chrono::milliseconds(1);

struct Fit {
  size_t requests = 0;     // longest prefix within max_batch_size
  size_t preferred = 0;    // longest prefix whose rows are a preferred size; 0: none
  int64_t rows = 0;        // of the longest prefix
  TimePoint due = kNever;  // the tightest of it that can be met
  bool full = false;       // nothing more can join
};

// kNever where even a run alone would be late: such a request is late either way.
TimePoint binding(const Waiting& request, const LatencyModel& model, TimePoint now) {
  if (request.due == kNever) return kNever;
  return is_hopeless(request.due, request.rows, model, now) ? kNever : request.due;
}

Fit fit(const QueueView& view, const BatchingSpec& limits, const LatencyModel& model,
        TimePoint now) {
  Fit result;
  for (const Waiting& next : view.requests) {
    if (result.requests > 0 && result.rows + next.rows > limits.max_batch_size) {
      result.full = true;
      break;
    }
    result.rows += next.rows;
    result.due = std::min(result.due, binding(next, model, now));
    ++result.requests;
    if (std::ranges::find(limits.preferred_batch_sizes, result.rows) !=
        limits.preferred_batch_sizes.end()) {
      result.preferred = result.requests;
    }
  }
  result.full = result.full || result.rows >= limits.max_batch_size;
  return result;
}

// The longest prefix of at most `most` requests that meets the due times in it, by `time`.
template <class Time>
size_t in_time(const QueueView& view, size_t most, const LatencyModel& model, TimePoint now,
               Time time) {
  size_t longest = 0;
  int64_t rows = 0;
  TimePoint due = kNever;
  for (size_t i = 0; i < most; ++i) {
    rows += view.requests[i].rows;
    due = std::min(due, binding(view.requests[i], model, now));
    if (due == kNever || time(rows) <= due - now) longest = i + 1;
  }
  return longest;
}

size_t bounded(const QueueView& view, const Fit& found, const LatencyModel& model, TimePoint now) {
  if (found.due == kNever || model.high(found.rows) <= found.due - now) return found.requests;
  auto high = [&](int64_t rows) { return model.high(rows); };
  if (size_t most = in_time(view, found.requests, model, now, high); most > 0) return most;
  auto median = [&](int64_t rows) { return model.median(rows); };
  return std::max<size_t>(1, in_time(view, found.requests, model, now, median));
}

// Until when a batch that could still grow waits; in the past: not at all.
TimePoint patience(const QueueView& view, const Fit& found, const BatchingSpec& limits,
                   const LatencyModel& model) {
  int64_t larger = std::min(2 * found.rows, limits.max_batch_size);
  TimePoint latest = kNever;
  if (found.due != kNever) {
    latest = model.known() ? found.due - model.high(larger) - kMargin
                           : view.oldest + (found.due - view.oldest) / 2;
  }
  if (limits.max_queue_delay > Duration(0)) {
    return std::min(latest, view.oldest + limits.max_queue_delay);
  }
  if (limits.latency_target == Duration(0)) return TimePoint::min();
  Duration alone = model.median(found.rows);
  auto per_row = [&](int64_t rows) {
    return static_cast<double>(model.median(rows).count()) / static_cast<double>(rows);
  };
  if (per_row(larger) > kWorthwhile * per_row(found.rows)) return TimePoint::min();
  return std::min(latest, view.oldest + alone);
}

// The longest prefix of `most` requests whose rows are a warm size; all of them if none is.
size_t cut_to_warm(const QueueView& view, size_t most, const BatchingSpec& limits) {
  size_t longest = 0;
  int64_t rows = 0;
  for (size_t i = 0; i < most && !limits.warm_batch_sizes.empty(); ++i) {
    rows += view.requests[i].rows;
    if (std::ranges::find(limits.warm_batch_sizes, rows) != limits.warm_batch_sizes.end()) {
      longest = i + 1;
    }
  }
  return longest > 0 ? longest : most;
}

Decision choose(const QueueView& view, const BatchingSpec& limits, const LatencyModel& model,
                TimePoint now) {
  if (!limits.dynamic || limits.max_batch_size <= 1) return {.run = 1, .why = Release::kFull};
  Fit found = fit(view, limits, model, now);
  size_t most = bounded(view, found, model, now);
  if (most < found.requests) return {.run = most, .why = Release::kDeadline};
  if (found.preferred > 0) return {.run = found.preferred, .why = Release::kPreferred};
  if (found.full) return {.run = found.requests, .why = Release::kFull};
  TimePoint until = patience(view, found, limits, model);
  if (until > now) return {.wake = until};
  Release why = view.other_shapes ? Release::kShapeChange : Release::kIdleSlot;
  if (limits.max_queue_delay > Duration(0)) {
    why = view.oldest + limits.max_queue_delay <= now ? Release::kDelay : Release::kDeadline;
  } else if (until != TimePoint::min() && view.oldest + model.median(found.rows) > now) {
    why = Release::kDeadline;
  }
  return {.run = found.requests, .why = why};
}

}  // namespace

bool is_hopeless(TimePoint deadline, int64_t rows, const LatencyModel& model, TimePoint now) {
  return deadline != kNever && (deadline <= now || deadline - now < model.median(rows));
}

Decision decide(const QueueView& view, const BatchingSpec& limits, const LatencyModel& model,
                TimePoint now) {
  Decision decision = choose(view, limits, model, now);
  decision.run = cut_to_warm(view, decision.run, limits);
  return decision;
}

}  // namespace skein::scheduling

// The waiting requests of one model version and its execution slots. A passive structure: the
// device that it is attached to guards it with its mutex and decides when to take from it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/model_spec.h"
#include "runtime/executor.h"
#include "scheduling/batch_policy.h"
#include "scheduling/request.h"
#include "telemetry/model_stats.h"

namespace skein::scheduling {

class Device;

// One leased execution slot with its scratch; used by one batch at a time.
struct Slot {
  std::unique_ptr<runtime::Executor> executor;
  telemetry::Recorder* recorder = nullptr;
  runtime::Batch batch;
  std::vector<Request*> requests;  // of the batch, in row order
  TimePoint formed{};
  Duration run{0};  // of the last batch, from forming it to its last answer
  bool predicted_short = false;
  runtime::Done done;  // made once, so that a batch allocates nothing
};

class Queue {
 public:
  // One slot per executor; at least one.
  Queue(ModelSpec spec, std::vector<std::unique_ptr<runtime::Executor>> executors);
  ~Queue();

  const ModelSpec& spec() const { return spec_; }
  telemetry::ModelStats& stats() { return stats_; }
  telemetry::ModelSnapshot snapshot() const;
  // Forgets what warm-up recorded. Only while nothing is queued or running, and nobody reads.
  void reset_statistics();

  // Takes a place for one request, or RESOURCE_EXHAUSTED naming model and limit. Any thread,
  // never blocks. The place is given back when the request leaves the queue.
  Status admit();
  // Gives back a place that was not used after all.
  void give_back() { waiting_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  friend class Device;

  // The requests of one key, oldest first.
  struct Line {
    RequestList requests;
    TimePoint oldest{};  // when the front request was queued
    size_t count = 0;
  };

  // All of these under the device's mutex.
  // The key of the request's line: its own, or the next free one if another shape class hashes
  // to the same (a client could construct that).
  QueueKey settle(const Request& request) const;
  void push(Request& request, TimePoint now);
  void remove(Request& request);
  bool empty() const { return lines_.empty(); }
  // The line whose front request has waited longest.
  Line& head();
  Decision decide_head(TimePoint now);
  // Moves `count` requests of the head line to the slot; expired ones go to `expired` instead.
  void take(size_t count, TimePoint now, Slot& slot, RequestList& expired);
  void record_run(Duration run);
  bool predicted_short() const;

  ModelSpec spec_;
  telemetry::ModelStats stats_;
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  std::unordered_map<QueueKey, Line> lines_;  // never an empty line
  std::vector<int64_t> scratch_rows_;
  std::atomic<int64_t> waiting_{0};  // admitted, not yet in a batch
  std::atomic<int64_t> running_{0};  // in a batch
  Duration run_mean_{0}, run_deviation_{0};
  bool measured_ = false;
  Duration served_{0};   // execution time consumed, for fairness between queues
  bool active_ = false;  // listed in the device's active queues
};

}  // namespace skein::scheduling

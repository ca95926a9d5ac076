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
#include "scheduling/admission.h"
#include "scheduling/answer_order.h"
#include "scheduling/backlog.h"
#include "scheduling/batch_policy.h"
#include "scheduling/calibration.h"
#include "scheduling/latency_model.h"
#include "scheduling/request.h"
#include "telemetry/model_stats.h"

namespace skein::scheduling {

class Device;

// What admission predicted for a request, and what came of it.
struct Waited {
  Duration predicted{0};  // 0: nothing was
  Duration allowed{0};    // from arrival to deadline
  Duration actual{0};

  Waited() = default;
  Waited(const Request& request, TimePoint now)
      : predicted(request.predicted_wait),
        allowed(request.deadline - request.arrival),
        actual(now - request.arrival) {}
};

// One leased execution slot with its scratch; used by one batch at a time.
struct Slot {
  std::unique_ptr<runtime::Executor> executor;
  telemetry::Recorder* recorder = nullptr;
  runtime::Batch batch;
  std::vector<Request*> requests;  // of the batch, in row order
  QueueKey key = kOneShape;        // of the batch
  TimePoint formed{};
  Duration run{0};        // of the last batch, from forming it to its last answer
  Duration predicted{0};  // the same as it was expected; 0: nothing was known
  telemetry::Release why = telemetry::Release::kIdleSlot;
  Waited waited;  // of the batch's first request
  bool predicted_short = false;
  bool succeeded = false;
  bool ran_inline = false;  // by the thread that submitted
  runtime::Done done;       // made once, so that a batch allocates nothing
};

// What a request was taken in with.
struct Place {
  Duration predicted_wait{0};  // until its answer; 0: nothing was predicted
  // It cannot make it by what is known, but nothing ran for a second: what is known may be wrong,
  // and an idle slot costs nothing.
  bool probe = false;
};

// What a request asks a queue for.
struct Wish {
  uint8_t level = 0;  // priority, from 0
  int64_t rows = 1;
  TimePoint deadline = kNever;
  TimePoint now{};
  TimePoint device_free{};  // when a worker of the device is expected to be; past: one is
};

class Queue {
 public:
  // One slot per executor; at least one.
  Queue(ModelSpec spec, std::vector<std::unique_ptr<runtime::Executor>> executors);
  ~Queue();

  const ModelSpec& spec() const { return spec_; }
  telemetry::ModelStats& stats() { return *stats_; }
  const LatencyModel& latency() const { return latency_; }
  telemetry::ModelSnapshot snapshot() const;
  // Forgets what warm-up recorded, but not how long runs take. Only while nothing is queued or
  // running, and nobody reads.
  void reset_statistics();
  // Counts on from another queue's statistics. The same conditions.
  void continue_statistics(const Queue& before) { stats_->continue_from(before.stats_); }

  // Takes a place for a request, or counts a refusal and says why: RESOURCE_EXHAUSTED when as many
  // wait as may, or when it would miss its deadline here; DEADLINE_EXCEEDED when no idle server
  // could meet it. With the time after which to try again. Any thread, never blocks. The place is
  // given back when the request leaves the queue.
  Result<Place> admit(const Wish& wish);
  // Gives back a place that was not used after all.
  void give_back(uint8_t level);

  // The level (from 0) of a request that asks for `priority`; 0 asks for the default.
  Result<uint8_t> level_of(uint64_t priority) const;
  const QueuePolicy* policy_of(uint8_t level) const;

 private:
  friend class Device;

  // The requests of one key, most urgent first.
  struct Line {
    RequestList requests;
    size_t count = 0;
  };
  struct Level {
    Backlog backlog;
    std::atomic<int64_t> waiting{0};  // admitted, not yet in a batch
  };

  Status refuse_full(uint8_t level, int64_t limit);
  Status refuse(const Verdict& verdict, Duration left);
  bool is_probe(const Verdict& verdict, const Ahead& ahead, TimePoint now);
  Ahead ahead_of(const Wish& wish) const;

  // All of these under the device's mutex.
  // The key of the request's line: its own, or the next free one if another shape class hashes
  // to the same (a client could construct that).
  QueueKey settle(const Request& request) const;
  // The request comes next; settles its urgency. Before push(), in the order in which requests
  // came.
  void expect(Request& request, TimePoint now);
  void push(Request& request, TimePoint now);
  void insert(Request& request, TimePoint now);
  Line& line_of(QueueKey key) { return key == kOneShape ? plain_ : lines_[key]; }
  // Takes the request out of its line; its place is the caller's to give back.
  void remove(Request& request);
  bool empty() const { return queued_ == 0; }
  // The line of the most urgent request.
  Line& head();
  // run == 0 and wake == kNever: nothing is left. What can no longer be served moves to `lapsed`,
  // with its place.
  Decision decide_head(TimePoint now, RequestList& lapsed);
  // The line as the policy sees it, or a request in it that can no longer be served.
  Request* look(const Line& line, TimePoint now, QueueView& found);
  bool has_lapsed(const Request& request, TimePoint now) const;
  static bool lapses_late(const Request& request, TimePoint now);
  void lapse(Request& request, TimePoint now, RequestList& lapsed);
  // Moves the first requests of the head line, as many as decided, to the slot.
  void take(const Decision& decision, TimePoint now, Slot& slot);
  // What is known best about batches of a key.
  const LatencyModel& latency_of(QueueKey key) const;
  void record_run(const Slot& slot);
  bool has_free_slot() const { return !free_.empty(); }
  bool idle() const { return queued_ == 0 && free_.size() == slots_.size(); }
  // How many rows one request counts in a backlog.
  int64_t units(const Request& request) const {
    return spec_.batching.dynamic ? request.item.rows : 1;
  }
  // Completes a request that no longer waits, in its turn where answers are ordered.
  void complete(Request& request, Status status);
  // Holds what was predicted at admission against what came of it.
  void learn(const Waited& waited);
  // Why a lapsed request is not run.
  Status lapse_status(const Request& request, TimePoint now, telemetry::Refusal& why) const;

  ModelSpec spec_;
  std::shared_ptr<telemetry::ModelStats> stats_;
  LatencyModel latency_;
  // With padding, also by bucket of lengths: short rows and long ones differ.
  std::unordered_map<QueueKey, std::unique_ptr<LatencyModel>> by_length_;
  Calibration calibration_;
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  Line plain_;                                // of kOneShape
  std::unordered_map<QueueKey, Line> lines_;  // of the other keys; never an empty one
  size_t queued_ = 0;                         // requests in all lines
  int64_t queued_rows_ = 0;
  size_t queued_slow_ = 0;  // requests whose rows are slow to prepare
  std::vector<Waiting> scratch_;
  std::vector<Level> levels_;
  std::atomic<int64_t> waiting_{0};  // admitted, not yet in a batch
  std::atomic<int64_t> running_{0};  // in a batch
  // What admission sees: nanoseconds of the steady clock until which no slot is free for this
  // model, and how many slots work for it at a time.
  std::atomic<int64_t> busy_until_{0};
  std::atomic<double> share_{1};
  std::atomic<int64_t> last_run_{0};  // nanoseconds of the steady clock: its end, or the last probe
  double served_ = 0;    // execution time by weight, in nanoseconds: for fairness between queues
  bool active_ = false;  // listed in the device's active queues
  std::unique_ptr<AnswerOrder> order_;  // null: answers leave as they are ready
};

}  // namespace skein::scheduling

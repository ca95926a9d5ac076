// Counters and histograms of one model version. Each execution slot records into its own
// Recorder (single writer while the slot is leased); what is refused before it reaches a slot is
// counted in shared atomics, which is rare. Readers merge.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "telemetry/histogram.h"

namespace skein::telemetry {

// Why a request failed; the names are those of Triton's nv_inference_request_failure.
enum class FailureReason : uint8_t { kRejected, kCanceled, kBackend, kOther };
inline constexpr size_t kFailureReasonCount = 4;

// Why a batch left the queue when it did.
enum class Release : uint8_t {
  kFull,         // nothing more fits
  kPreferred,    // a preferred size
  kIdleSlot,     // all that waited; nothing to wait for
  kDelay,        // waited as long as a batch may
  kDeadline,     // a deadline or the latency target allows no more rows or no more waiting
  kShapeChange,  // what waits besides has another shape
};
inline constexpr size_t kReleaseCount = 6;

// Why the scheduler did not run a request.
enum class Refusal : uint8_t {
  kQueueFull,     // at admission: as many wait as may
  kOverload,      // at admission: it would be late, elsewhere or later it might not
  kHopeless,      // at admission: no idle server could meet its deadline
  kExpired,       // its deadline passed, or became unreachable, while it waited
  kQueueTimeout,  // it waited longer than its level's timeout allows
};
inline constexpr size_t kRefusalCount = 5;

struct RequestTimes {
  Duration request{0};         // message complete -> response handed to transport
  Duration queue{0};           // pushed -> batch formed
  Duration prepare{0};         // making inputs from what was sent in their place; 0: nothing was
  Duration compute_input{0};   // gather, with the preparation of the batch
  Duration compute_infer{0};   // Run
  Duration compute_output{0};  // encode
};

struct BatchTimes {
  int64_t rows = 0;
  Duration compute_input{0};
  Duration compute_infer{0};
  Duration compute_output{0};
  Release release = Release::kIdleSlot;
  Duration predicted{0};  // from forming the batch to its last answer; 0: nothing was known
  Duration actual{0};
  uint64_t input_elements = 0;    // of padded inputs, padding included
  uint64_t padding_elements = 0;  // how many of them were padding
};

struct DurationSum {
  uint64_t count = 0;
  uint64_t ns = 0;
};

struct BatchSizeStats {
  DurationSum compute_input, compute_infer, compute_output;
};

struct ModelSnapshot {
  uint64_t inference_count = 0;    // rows (requests, for a model without a batch dimension)
  uint64_t execution_count = 0;    // runs of the model
  uint64_t last_inference_ms = 0;  // milliseconds since the Unix epoch; 0: never
  uint64_t input_elements = 0;     // run in padded inputs, padding included
  uint64_t padding_elements = 0;   // how many of them were padding
  std::array<uint64_t, kFailureReasonCount> failures{};
  DurationSum success, fail, queue, compute_input, compute_infer, compute_output;
  HistogramSnapshot request_ns, queue_ns, prepare_ns, compute_ns;
  std::map<int64_t, BatchSizeStats> batches;  // by rows
  std::array<uint64_t, kReleaseCount> releases{};
  std::array<uint64_t, kRefusalCount> refusals{};
  DurationSum predicted, actual;        // batches that were predicted, and how they went
  HistogramSnapshot predicted_percent;  // actual time of such a batch in % of the predicted
  int64_t pending = 0;                  // requests queued or running; filled in by scheduling
  int64_t queued = 0;                   // those of them that wait; likewise
};

// One slot's records.
class Recorder {
 public:
  explicit Recorder(int64_t max_rows);
  void success(const RequestTimes& times);
  void failure(FailureReason reason, Duration request);
  void batch(const BatchTimes& times);  // one run of the model, as its requests are answered
  void add_to(ModelSnapshot& snapshot) const;

 private:
  struct Sum {
    std::atomic<uint64_t> count{0}, ns{0};
    void add(Duration duration, uint64_t times = 1);
    void add_to(DurationSum& sum) const;
  };
  struct BatchCell {
    Sum input, infer, output;
  };
  std::atomic<uint64_t> inference_count_{0}, execution_count_{0}, last_inference_ms_{0};
  std::atomic<uint64_t> input_elements_{0}, padding_elements_{0};
  std::array<std::atomic<uint64_t>, kFailureReasonCount> failures_{};
  Sum success_, fail_, queue_, compute_input_, compute_infer_, compute_output_;
  std::array<std::atomic<uint64_t>, kReleaseCount> releases_{};
  Sum predicted_, actual_;
  Histogram request_ns_, queue_ns_, prepare_ns_, compute_ns_, predicted_percent_;
  // Index rows - 1; batches larger than the table (a request may exceed no limit, but a model
  // without a batch dimension has rows = 1) go to the last cell.
  std::vector<BatchCell> batches_;
};

class ModelStats {
 public:
  ModelStats(int slots, int64_t max_rows);
  Recorder& slot(int index) { return *slots_[static_cast<size_t>(index)]; }
  // From any thread: a request that never reached a slot.
  void refused(FailureReason reason, Duration request);
  // The same, for the scheduler's own reasons.
  void refused(Refusal why, Duration request);
  ModelSnapshot snapshot() const;
  // Starts again from zero. Nobody may be recording or reading; earlier slot() references end.
  void reset();
  // Counts on from what `before` has and may still get. Nobody may be reading.
  void continue_from(std::shared_ptr<const ModelStats> before) { before_ = std::move(before); }

 private:
  void add_to(ModelSnapshot& snapshot) const;

  int64_t max_rows_;
  std::shared_ptr<const ModelStats> before_;
  std::vector<std::unique_ptr<Recorder>> slots_;
  std::array<std::atomic<uint64_t>, kFailureReasonCount> refused_{};
  std::array<std::atomic<uint64_t>, kRefusalCount> refusals_{};
  std::atomic<uint64_t> refused_ns_{0};
};

}  // namespace skein::telemetry

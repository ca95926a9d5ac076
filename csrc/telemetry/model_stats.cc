#include "telemetry/model_stats.h"

#include <algorithm>

namespace skein::telemetry {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Exact without a locked instruction: only one thread writes a cell at a time.
void bump(std::atomic<uint64_t>& cell, uint64_t by = 1) {
  cell.store(cell.load(kRelaxed) + by, kRelaxed);
}

uint64_t nanoseconds(Duration duration) {
  return duration.count() > 0 ? static_cast<uint64_t>(duration.count()) : 0;
}

uint64_t wall_clock_ms() {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

}  // namespace

void Recorder::Sum::add(Duration duration, uint64_t times) {
  bump(count, times);
  bump(ns, nanoseconds(duration) * times);
}

void Recorder::Sum::add_to(DurationSum& sum) const {
  sum.count += count.load(kRelaxed);
  sum.ns += ns.load(kRelaxed);
}

Recorder::Recorder(int64_t max_rows)
    : batches_(static_cast<size_t>(std::clamp<int64_t>(max_rows, 1, 4096))) {}

void Recorder::success(const RequestTimes& times) {
  success_.add(times.request);
  queue_.add(times.queue);
  compute_input_.add(times.compute_input);
  compute_infer_.add(times.compute_infer);
  compute_output_.add(times.compute_output);
  request_ns_.record(nanoseconds(times.request));
  queue_ns_.record(nanoseconds(times.queue));
  if (times.prepare > Duration(0)) prepare_ns_.record(nanoseconds(times.prepare));
  compute_ns_.record(nanoseconds(times.compute_input + times.compute_infer + times.compute_output));
}

void Recorder::failure(FailureReason reason, Duration request) {
  bump(failures_[static_cast<size_t>(reason)]);
  fail_.add(request);
}

void Recorder::batch(const BatchTimes& times) {
  auto rows = static_cast<uint64_t>(times.rows);
  bump(inference_count_, rows);
  bump(execution_count_);
  bump(input_elements_, times.input_elements);
  bump(padding_elements_, times.padding_elements);
  last_inference_ms_.store(wall_clock_ms(), kRelaxed);
  BatchCell& cell = batches_[std::min<size_t>(rows, batches_.size()) - 1];
  cell.input.add(times.compute_input);
  cell.infer.add(times.compute_infer);
  cell.output.add(times.compute_output);
  bump(releases_[static_cast<size_t>(times.release)]);
  if (times.predicted <= Duration(0)) return;
  predicted_.add(times.predicted);
  actual_.add(times.actual);
  predicted_percent_.record(nanoseconds(times.actual) * 100 / nanoseconds(times.predicted));
}

void Recorder::add_to(ModelSnapshot& snapshot) const {
  snapshot.inference_count += inference_count_.load(kRelaxed);
  snapshot.execution_count += execution_count_.load(kRelaxed);
  snapshot.input_elements += input_elements_.load(kRelaxed);
  snapshot.padding_elements += padding_elements_.load(kRelaxed);
  snapshot.last_inference_ms =
      std::max(snapshot.last_inference_ms, last_inference_ms_.load(kRelaxed));
  for (size_t i = 0; i < failures_.size(); ++i) {
    snapshot.failures[i] += failures_[i].load(kRelaxed);
  }
  for (size_t i = 0; i < releases_.size(); ++i) {
    snapshot.releases[i] += releases_[i].load(kRelaxed);
  }
  predicted_.add_to(snapshot.predicted);
  actual_.add_to(snapshot.actual);
  predicted_percent_.add_to(snapshot.predicted_percent);
  success_.add_to(snapshot.success);
  fail_.add_to(snapshot.fail);
  queue_.add_to(snapshot.queue);
  compute_input_.add_to(snapshot.compute_input);
  compute_infer_.add_to(snapshot.compute_infer);
  compute_output_.add_to(snapshot.compute_output);
  request_ns_.add_to(snapshot.request_ns);
  queue_ns_.add_to(snapshot.queue_ns);
  prepare_ns_.add_to(snapshot.prepare_ns);
  compute_ns_.add_to(snapshot.compute_ns);
  for (size_t i = 0; i < batches_.size(); ++i) {
    if (batches_[i].infer.count.load(kRelaxed) == 0) continue;
    BatchSizeStats& sums = snapshot.batches[static_cast<int64_t>(i) + 1];
    batches_[i].input.add_to(sums.compute_input);
    batches_[i].infer.add_to(sums.compute_infer);
    batches_[i].output.add_to(sums.compute_output);
  }
}

ModelStats::ModelStats(int slots, int64_t max_rows)
    : max_rows_(max_rows), slots_(static_cast<size_t>(slots)) {
  reset();
}

void ModelStats::reset() {
  for (auto& slot : slots_) slot = std::make_unique<Recorder>(max_rows_);
  for (auto& count : refused_) count.store(0, kRelaxed);
  for (auto& count : refusals_) count.store(0, kRelaxed);
  refused_ns_.store(0, kRelaxed);
  before_.reset();
}

void ModelStats::refused(FailureReason reason, Duration request) {
  refused_[static_cast<size_t>(reason)].fetch_add(1, kRelaxed);
  refused_ns_.fetch_add(nanoseconds(request), kRelaxed);
}

void ModelStats::refused(Refusal why, Duration request) {
  refusals_[static_cast<size_t>(why)].fetch_add(1, kRelaxed);
  refused(FailureReason::kRejected, request);
}

ModelSnapshot ModelStats::snapshot() const {
  ModelSnapshot snapshot;
  for (const ModelStats* stats = this; stats != nullptr; stats = stats->before_.get()) {
    stats->add_to(snapshot);
  }
  return snapshot;
}

void ModelStats::add_to(ModelSnapshot& snapshot) const {
  for (const auto& slot : slots_) slot->add_to(snapshot);
  for (size_t i = 0; i < refused_.size(); ++i) {
    uint64_t n = refused_[i].load(kRelaxed);
    snapshot.failures[i] += n;
    snapshot.fail.count += n;
  }
  for (size_t i = 0; i < refusals_.size(); ++i) {
    snapshot.refusals[i] += refusals_[i].load(kRelaxed);
  }
  snapshot.fail.ns += refused_ns_.load(kRelaxed);
}

}  // namespace skein::telemetry

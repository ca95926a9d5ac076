#include "engine/inference.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "engine/made_length.h"
#include "engine/output_part.h"
#include "engine/shape_key.h"
#include "scheduling/device.h"

namespace skein::engine {
namespace {

constexpr size_t kMaskBits = 64;
constexpr size_t kPooled = 2048;  // inferences kept per I/O thread

// So many bytes are made into tokens on the I/O thread: handing them to another thread and back
// costs as much.
constexpr size_t kPreparedHere = 1024;

uint64_t output_mask(std::span<const uint32_t> outputs) {
  uint64_t mask = 0;
  for (uint32_t index : outputs) {
    if (index < kMaskBits) mask |= uint64_t{1} << index;
  }
  return mask;
}

// A larger timeout parameter means "none": some 31 years. So does 0.
bool is_timeout(uint64_t microseconds) {
  return microseconds > 0 && microseconds <= 1'000'000'000'000'000;
}

// How long a request that asks for `timeout_us` may wait under a policy; 0: for ever.
Duration queue_timeout(const QueuePolicy& policy, uint64_t timeout_us) {
  if (!policy.timeout_override || !is_timeout(timeout_us)) return policy.timeout;
  Duration wanted = std::chrono::microseconds(timeout_us);
  return policy.timeout > Duration(0) ? std::min(policy.timeout, wanted) : wanted;
}

Status no_memory() {
  return resource_exhausted("no memory for the request's tensors; retry later");
}

}  // namespace

Result<Admission> admit(const protocol::RequestHead& head, const routing::Target& target,
                        TimePoint arrival, TimePoint deadline) {
  scheduling::Queue& queue = *target.queue;
  Result<uint8_t> level = queue.level_of(head.priority);
  if (!level.ok()) return level.status();
  Admission admission{.target = &target, .arrival = arrival, .deadline = deadline, .level = *level};
  const QueuePolicy* policy = queue.policy_of(*level);
  if (policy != nullptr) {
    Duration timeout = queue_timeout(*policy, head.timeout_us);
    if (timeout > Duration(0)) admission.queue_until = arrival + timeout;
  } else if (is_timeout(head.timeout_us)) {
    admission.deadline = std::min(deadline, arrival + std::chrono::microseconds(head.timeout_us));
  }
  int64_t rows = 1;
  if (admission.deadline != kNever && queue.spec().batched()) {
    rows = std::min(head.claimed_rows(), queue.spec().batching.max_batch_size);
  }
  Result<scheduling::Place> place = queue.admit({.level = *level,
                                                 .rows = rows,
                                                 .deadline = admission.deadline,
                                                 .now = arrival,
                                                 .device_free = target.device->free_at()});
  if (!place.ok()) return place.status();
  admission.place = *place;
  return admission;
}

Status Inference::start(std::span<const std::byte> message, const protocol::RequestHead& head,
                        const Admission& admission) {
  target_ = static_cast<const VersionTarget*>(admission.target);
  device_ = target_->device;
  id_ = head.id;
  arrival = admission.arrival;
  deadline = admission.deadline;
  queue_until = admission.queue_until;
  predicted_wait = admission.place.predicted_wait;
  probe = admission.place.probe;
  level = admission.level;
  Status status = read(message);
  if (status.ok()) {
    begin();
    return status;
  }
  target_->queue->stats().refused(telemetry::FailureReason::kOther, Duration(0));
  target_->queue->give_back(level);
  return status;
}

// Like prepare() a step that may need memory in proportion to what a client sent.
Status Inference::read(std::span<const std::byte> message) try {
  Status status = protocol::parse(message, target_->queue->spec(), request_);
  if (status.ok() && !target_->makers->empty()) status = lay_out(false);
  if (!status.ok()) return status;
  item.rows = request_.rows;
  unprepared = early_bytes() > kPreparedHere;
  if (unprepared) return status;
  return prepare();
} catch (const std::bad_alloc&) {
  return no_memory();
}

Status Inference::prepare() try {
  if (early_bytes() > 0) {
    TimePoint started = Clock::steady().now();
    if (!is_wanted()) return {Code::kCancelled, "the client no longer waits"};
    Status status = lay_out(true);
    if (status.ok()) status = settle_length(target_->queue->spec(), request_);
    if (!status.ok()) return status;
    if (!is_wanted()) return {Code::kCancelled, "the client no longer waits"};
    preparation = Clock::steady().now() - started;
  }
  settle();
  return {};
} catch (const std::bad_alloc&) {
  return no_memory();
}

Status Inference::lay_out(bool early) {
  for (size_t group = 0; group < request_.ways.size(); ++group) {
    const InputMaker& maker = (*target_->makers)[group];
    if (request_.ways[group] < 0) continue;
    auto way = static_cast<size_t>(request_.ways[group]);
    if ((maker.early_bytes(request_, way) > 0) != early) continue;
    if (Status status = maker.lay_out(request_, way); !status.ok()) return status;
    if (early) continue;
    item.source = this;
    item.rows_per_task = std::max(item.rows_per_task, maker.rows_per_task(request_, way));
  }
  return {};
}

// Bytes that have yet to be made into inputs before the request is queued.
size_t Inference::early_bytes() const {
  size_t bytes = 0;
  for (size_t group = 0; group < request_.ways.size(); ++group) {
    if (request_.ways[group] < 0) continue;
    auto way = static_cast<size_t>(request_.ways[group]);
    bytes += (*target_->makers)[group].early_bytes(request_, way);
  }
  return bytes;
}

void Inference::settle() {
  item.inputs = request_.inputs;
  item.rows = request_.rows;
  item.length = request_.length;
  key = shape_key(target_->queue->spec(), request_.inputs, request_.length);
  wanted_outputs = output_mask(request_.outputs);
}

Status Inference::write(size_t input, int64_t first, int64_t rows, std::byte* to) const {
  if (!is_wanted()) return {Code::kCancelled, "the client no longer waits"};
  size_t group = target_->makers->group_of(input);
  return (*target_->makers)[group].write(request_, static_cast<size_t>(request_.ways[group]), first,
                                         rows, to);
}

Status Inference::encode(const runtime::BatchResult& result, int64_t first_row) {
  thread_local std::vector<protocol::OutputView> parts;
  const ModelSpec& spec = target_->queue->spec();
  parts.clear();
  for (uint32_t index : request_.outputs) {
    const runtime::OutputTensor& output = result.outputs[index];
    parts.push_back(rows_of(output, spec.outputs[index], spec.batched(), first_row, item.rows));
  }
  const bool classified = std::ranges::any_of(request_.classes, [](auto n) { return n > 0; });
  if (item.length != result.padded.length || classified || !spec.postprocess.empty()) {
    return encode_changed(parts, result.padded.length);
  }
  write_body(parts);
  return {};
}

void Inference::write_body(std::span<const protocol::OutputView> parts) {
  body_ = protocol::encode({.model_name = target_->queue->spec().name,
                            .model_version = target_->version_text,
                            .id = id_},
                           parts);
}

void Inference::change(protocol::OutputView& part, size_t position, int64_t padded,
                       Ref<Buffer>& copy) const {
  const ModelSpec& spec = target_->queue->spec();
  const uint32_t index = request_.outputs[position];
  const bool padded_here =
      item.length != padded &&
      std::ranges::find(spec.padding.outputs, index) != spec.padding.outputs.end();
  if (padded_here) cut_back(part, spec.outputs[index], padded, item.length, copy);
  static const PostprocessSpec kNone;
  const PostprocessSpec& after = spec.postprocess.empty() ? kNone : spec.postprocess[index];
  if (after.softmax) soften(part, copy);
  const uint32_t classes = request_.classes[position];
  if (classes > 0) {
    rank(part, {.batched = spec.batched(), .count = classes, .labels = after.labels.get()}, copy);
  }
}

Status Inference::encode_changed(std::span<protocol::OutputView> parts, int64_t padded) {
  thread_local std::vector<Ref<Buffer>> copies;
  try {
    copies.assign(parts.size(), {});
    for (size_t i = 0; i < parts.size(); ++i) change(parts[i], i, padded, copies[i]);
    write_body(parts);
    copies.clear();
  } catch (const std::bad_alloc&) {
    copies.clear();
    return resource_exhausted("no memory to make the answer of the outputs; retry later");
  }
  return {};
}

void Inference::clear() {
  begin_again();
  request_.clear();
  body_ = {};
}

InferencePool::InferencePool() = default;
InferencePool::~InferencePool() = default;

RemoteInference& InferencePool::take(transport::Call& call) {
  std::unique_ptr<RemoteInference> inference;
  if (free_.empty()) {
    inference = std::make_unique<RemoteInference>(*this);
  } else {
    inference = std::move(free_.back());
    free_.pop_back();
  }
  inference->serve(call);
  return *inference.release();
}

void InferencePool::give(RemoteInference& inference) {
  std::unique_ptr<RemoteInference> owned(&inference);
  if (free_.size() < kPooled) free_.push_back(std::move(owned));
}

void RemoteInference::release() {
  clear();
  pool_.give(*this);
}

Status RemoteInference::encode(const runtime::BatchResult& result, int64_t first_row) {
  if (abandoned()) return {Code::kCancelled, "the client no longer waits"};
  return Inference::encode(result, first_row);
}

bool RemoteInference::describe(telemetry::RequestRecord& record) const {
  record.id.assign(id());
  record.peer.assign(call_->peer());
  if (auto header = call_->metadata("traceparent")) {
    record.trace = telemetry::parse_traceparent(*header).value_or(telemetry::TraceContext());
  }
  return true;
}

void RemoteInference::on_abandoned(transport::Call&, transport::Abandoned why) {
  bool cancelled = why == transport::Abandoned::kCancelled;
  auto reason =
      cancelled ? telemetry::FailureReason::kCanceled : telemetry::FailureReason::kRejected;
  // Not withdrawn: being run, not yet submitted, or answered. The target may be gone either way.
  if (!device().withdraw(*this, reason)) return;
  fail({cancelled ? Code::kCancelled : Code::kDeadlineExceeded, "the client no longer waits"});
}

void RemoteInference::send_answer() { call_->finish_with(std::move(body_)); }

void RemoteInference::send_failure(Status status) { call_->finish(std::move(status)); }

}  // namespace skein::engine

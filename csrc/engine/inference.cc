#include "engine/inference.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "scheduling/device.h"

namespace skein::engine {
namespace {

constexpr size_t kMaskBits = 64;
constexpr size_t kPooled = 2048;  // inferences kept per I/O thread

// A key for the inner dimensions; kOneShape when no two requests can differ in them.
scheduling::QueueKey shape_key(const ModelSpec& spec, std::span<const TensorView> inputs) {
  if (!spec.batched()) return scheduling::kOneShape;
  uint64_t key = scheduling::kOneShape;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t axis = 1; axis < spec.inputs[i].dims.rank(); ++axis) {
      if (spec.inputs[i].dims[axis] >= 0) continue;
      // FNV-1a over the dynamic dimensions; a collision costs time, not correctness.
      key = ((key == 0 ? 0xcbf29ce484222325 : key) ^ static_cast<uint64_t>(inputs[i].shape[axis])) *
            0x100000001b3;
    }
  }
  return key;
}

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

// The rows [first, first + rows) of a batch output, or all of it without batching.
protocol::OutputView rows_of(const runtime::OutputTensor& output, const TensorSpec& spec,
                             bool batched, int64_t first, int64_t rows) {
  protocol::OutputView part{.view = output.view, .owner = &output.owner, .name = spec.name};
  if (!batched) return part;
  const int64_t batch_rows = output.view.shape[0];
  part.view.shape[0] = rows;
  size_t begin = 0;
  size_t end = 0;
  if (output.view.dtype == DType::kBytes) {
    begin = output.row_offsets[static_cast<size_t>(first)];
    end = output.row_offsets[static_cast<size_t>(first + rows)];
  } else {
    size_t row_bytes = output.view.size / static_cast<size_t>(batch_rows);
    begin = row_bytes * static_cast<size_t>(first);
    end = begin + row_bytes * static_cast<size_t>(rows);
  }
  part.view.data += begin;
  part.view.size = end - begin;
  return part;
}

}  // namespace

Result<Admission> admit(const protocol::RequestHead& head, const routing::Target& target,
                        TimePoint arrival, TimePoint deadline) {
  scheduling::Queue& queue = *target.queue;
  Result<uint8_t> level = queue.level_of(head.priority);
  if (!level.ok()) return level.status();
  Admission admission{&target, arrival, deadline, kNever, *level};
  const QueuePolicy* policy = queue.policy_of(*level);
  if (policy != nullptr) {
    Duration timeout = queue_timeout(*policy, head.timeout_us);
    if (timeout > Duration(0)) admission.queue_until = arrival + timeout;
  } else if (is_timeout(head.timeout_us)) {
    admission.deadline = std::min(deadline, arrival + std::chrono::microseconds(head.timeout_us));
  }
  Status status = queue.admit(*level, admission.deadline, arrival);
  if (!status.ok()) return status;
  return admission;
}

Status Inference::start(std::span<const std::byte> message, const protocol::RequestHead& head,
                        const Admission& admission) {
  target_ = admission.target;
  device_ = target_->device;
  id_ = head.id;
  arrival = admission.arrival;
  deadline = admission.deadline;
  queue_until = admission.queue_until;
  level = admission.level;
  Status status = prepare(message);
  if (status.ok()) {
    begin();
    return status;
  }
  target_->queue->give_back(level);
  target_->queue->stats().refused(telemetry::FailureReason::kOther, Duration(0));
  return status;
}

// The one step that may need memory in proportion to what a client sent.
Status Inference::prepare(std::span<const std::byte> message) try {
  const ModelSpec& spec = target_->queue->spec();
  Status status = protocol::parse(message, spec, request_);
  if (!status.ok()) return status;
  item = {.inputs = request_.inputs, .rows = request_.rows};
  key = shape_key(spec, request_.inputs);
  wanted_outputs = output_mask(request_.outputs);
  return status;
} catch (const std::bad_alloc&) {
  return resource_exhausted("no memory for the request's tensors; retry later");
}

Status Inference::encode(const runtime::BatchResult& result, int64_t first_row) {
  thread_local std::vector<protocol::OutputView> parts;
  const ModelSpec& spec = target_->queue->spec();
  parts.clear();
  for (uint32_t index : request_.outputs) {
    const runtime::OutputTensor& output = result.outputs[index];
    parts.push_back(rows_of(output, spec.outputs[index], spec.batched(), first_row, item.rows));
  }
  body_ = protocol::encode(
      {.model_name = spec.name, .model_version = target_->version_text, .id = id_}, parts);
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

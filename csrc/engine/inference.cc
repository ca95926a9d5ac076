#include "engine/inference.h"

#include <algorithm>
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

Status Inference::prepare(std::span<const std::byte> message, const protocol::RequestHead& head,
                          const routing::Target& target) {
  target_ = &target;
  device_ = target.device;
  id_ = head.id;
  const ModelSpec& spec = target.queue->spec();
  Status status = protocol::parse(message, spec, request_);
  if (!status.ok()) return status;
  item = {.inputs = request_.inputs, .rows = request_.rows};
  key = shape_key(spec, request_.inputs);
  wanted_outputs = output_mask(request_.outputs);
  return {};
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

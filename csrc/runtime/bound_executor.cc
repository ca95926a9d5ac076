#include "runtime/bound_executor.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "runtime/bound_run.h"
#include "runtime/capture_gate.h"
#include "runtime/device_failure.h"
#include "runtime/fixed_size.h"
#include "runtime/measure_padding.h"
#include "runtime/row_preparation.h"
#include "runtime/slot_thread.h"
#include "runtime/spec_check.h"

namespace skein::runtime {
namespace {

TimePoint now() { return Clock::steady().now(); }

class BoundExecutor final : public Executor {
 public:
  BoundExecutor(BoundSlot slot, std::shared_ptr<const Stream> stream)
      : stream_(std::move(stream)), slot_(std::move(slot)) {
    if (slot_.spec.execution.cuda_graph) thread_.emplace();
  }

  ~BoundExecutor() override {
    auto beside_others = CaptureGate::instance().run();
    thread_.reset();
    runs_.clear();
    bool lost = !stream_->wait().ok();
    slot_.inputs.clear();
    slot_.outputs.clear();
    lost ? slot_.session->abandon() : slot_.session->give_back();
  }

  void submit(const Batch& batch, const Done& done) override {
    begin(result_);
    if (thread_) {
      thread_->run([&] { attempt(batch); });
    } else {
      attempt(batch);
    }
    if (!result_.status.ok()) result_.outputs.clear();
    done(result_);  // may give the slot to another thread, or destroy it
  }

 private:
  void attempt(const Batch& batch) {
    try {
      batch_rows_ = batch.rows;
      rows_to_run_ = rows_to_run(batch);  // reserved before rows are prepared: they must not move
      auto execute = [this](const Batch& left) { return this->execute(left); };
      result_.status = preparation_.before(batch, place_, result_, execute);
    } catch (const std::exception& error) {  // out of memory
      result_.status = internal(std::string("cannot run the batch: ") + error.what());
    }
    if (!result_.status.ok()) result_.status = settled(result_.status);
  }

  // After a failure nothing may still be copying to or from the staging memory.
  Status settled(const Status& failed) {
    Status device = stream_->wait();
    if (device.ok()) return failed;
    return internal(stream_->memory().name() +
                    " is lost until the server is started again: " + device.message());
  }

  int64_t rows_to_run(const Batch& batch) const {
    if (!slot_.spec.batched()) return 1;
    const std::vector<int64_t>& warm = slot_.spec.batching.warm_batch_sizes;
    auto size = std::ranges::lower_bound(warm, batch.rows);
    return size == warm.end() ? batch.rows : *size;
  }

  // Pinned memory for an input of a batch of `batch_rows_`. Nothing is being copied from it: the
  // last run waited for its stream.
  Result<std::byte*> place(size_t input, size_t size) {
    auto beside_others = CaptureGate::instance().run();
    if (Status status = stream_->memory().use(); !status.ok()) return status;
    size_t row = size / static_cast<size_t>(batch_rows_);
    return slot_.inputs[input].reserve(row * static_cast<size_t>(rows_to_run_));
  }

  Status execute(const Batch& batch) {
    const BatchingSpec& batching = slot_.spec.batching;
    if (slot_.spec.batched() && batch.rows > batching.max_batch_size) {
      return invalid_argument("a batch of " + std::to_string(batch.rows) +
                              " rows is over max_batch_size " +
                              std::to_string(batching.max_batch_size));
    }
    const int64_t rows = rows_to_run(batch);
    auto known = runs_.find(rows);
    bool captures =
        known == runs_.end() ? slot_.spec.execution.cuda_graph : known->second.captures();
    if (captures) {
      auto alone = CaptureGate::instance().capture();
      return execute(batch, rows);
    }
    auto beside_others = CaptureGate::instance().run();
    return execute(batch, rows);
  }

  Status execute(const Batch& batch, int64_t rows) {
    if (Status status = stream_->memory().use(); !status.ok()) return status;
    if (slot_.spec.padding.enabled()) result_.padded = measure_padding(batch, slot_.spec);
    for (BoundInput& input : slot_.inputs) {
      Status status = input.stage(batch, result_.padded.length, rows);
      if (!status.ok()) return status;
    }
    result_.gathered = now();
    if (Status status = stream_->wait(); !status.ok()) return status;
    Result<BoundRun*> run = run_of(rows);
    if (!run.ok()) return run.status();
    Status status = (*run)->run(slot_);
    if (status.ok()) {
      status = take_outputs(**run, batch, rows);
    } else {
      status = device_failure(stream_->memory().name(), status.message());
    }
    // With what a run that broke off left in it; runs with graphs allocate nothing, and a new one
    // would capture again.
    if (!status.ok() && !slot_.spec.execution.cuda_graph) runs_.erase(rows);
    return status;
  }

  Result<BoundRun*> run_of(int64_t rows) {
    if (auto known = runs_.find(rows); known != runs_.end()) return &known->second;
    int graph_id = slot_.spec.execution.cuda_graph ? ++last_graph_id_ : 0;
    Result<BoundRun> made = BoundRun::create(slot_, rows, graph_id);
    if (!made.ok()) return made.status();
    return &runs_.emplace(rows, std::move(*made)).first->second;
  }

  Status take_outputs(const BoundRun& run, const Batch& batch, int64_t rows) {
    for (size_t i = 0; i < slot_.outputs.size(); ++i) {
      if (!slot_.outputs[i].fixed() || !wanted(batch, i)) continue;
      if (Status status = slot_.outputs[i].fetch(batch.rows); !status.ok()) return status;
    }
    if (Status status = stream_->wait(); !status.ok()) return status;
    result_.finished = now();
    std::vector<Handle<OrtValue>> values;
    if (!all_fixed_) {
      Result<std::vector<Handle<OrtValue>>> allocated = run.allocated();
      if (!allocated.ok()) return allocated.status();
      values = std::move(*allocated);
    }
    return read(batch, rows, values);
  }

  Status read(const Batch& batch, int64_t rows, std::vector<Handle<OrtValue>>& values) {
    result_.outputs.resize(slot_.outputs.size());
    auto next = values.begin();
    for (size_t i = 0; i < slot_.outputs.size(); ++i) {
      const BoundOutput& output = slot_.outputs[i];
      OutputTensor& tensor = result_.outputs[i];
      Handle<OrtValue> value = output.fixed() ? nullptr : std::move(*next++);
      if (!wanted(batch, i)) continue;
      Status status = output.fixed() ? output.read(batch.rows, tensor)
                                     : output.read(std::move(value), batch.rows, rows, tensor);
      if (!status.ok()) return status;
    }
    return {};
  }

  static bool wanted(const Batch& batch, size_t output) {
    return output >= 64 || (batch.wanted >> output & 1) == 1;
  }

  std::shared_ptr<const Stream> stream_;
  BoundSlot slot_;
  bool all_fixed_ = std::ranges::all_of(slot_.outputs, &BoundOutput::fixed);
  RowPreparation preparation_;
  const RowPreparation::Place place_ = [this](size_t input, size_t size) {
    return place(input, size);
  };
  int64_t batch_rows_ = 1, rows_to_run_ = 1;  // of the batch as it was submitted
  std::map<int64_t, BoundRun> runs_;
  int last_graph_id_ = 0;
  BatchResult result_;
  std::optional<SlotThread> thread_;
};

Status check_graph(const ModelSpec& spec) {
  if (!spec.execution.cuda_graph) return {};
  for (const std::vector<TensorSpec>* tensors : {&spec.inputs, &spec.outputs}) {
    for (const TensorSpec& tensor : *tensors) {
      if (fixed_shape(tensor, spec.batched(), 1)) continue;
      return invalid_argument("cuda_graph needs tensors of fixed size, but '" + tensor.name +
                              "' is " + std::string(name(tensor.dtype)) + to_string(tensor.dims) +
                              ": give it fixed dims, or set cuda_graph: false");
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Executor>> make_bound_executor(std::shared_ptr<Session> session,
                                                      const ModelSpec& spec,
                                                      std::shared_ptr<const Stream> stream) {
  if (Status status = check_spec(*session, spec); !status.ok()) return status;
  if (Status status = check_graph(spec); !status.ok()) return status;
  // `session` outlives the lock: its end would take the lock again.
  auto beside_others = CaptureGate::instance().run();
  Result<BoundSlot> slot = BoundSlot::create(session, spec, stream);
  if (!slot.ok()) return slot.status();
  return std::unique_ptr<Executor>(
      std::make_unique<BoundExecutor>(std::move(*slot), std::move(stream)));
}

}  // namespace skein::runtime

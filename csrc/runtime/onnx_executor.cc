#include "runtime/onnx_executor.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/input_slot.h"
#include "runtime/measure_padding.h"
#include "runtime/output_reader.h"
#include "runtime/row_preparation.h"
#include "runtime/spec_check.h"

namespace skein::runtime {
namespace {

TimePoint now() { return Clock::steady().now(); }

class OnnxExecutor final : public Executor {
 public:
  OnnxExecutor(std::shared_ptr<const Session> session, const ModelSpec& spec)
      : session_(std::move(session)), spec_(spec) {
    for (size_t i = 0; i < spec_.inputs.size(); ++i) {
      inputs_.emplace_back(spec_, i);
      input_names_.push_back(spec_.inputs[i].name.c_str());
    }
    for (const TensorSpec& output : spec_.outputs) {
      outputs_.emplace_back(output, spec_.batched(), is_input(output.name));
    }
    input_values_.resize(inputs_.size());
  }

  void submit(const Batch& batch, const Done& done) override {
    begin(result_);
    try {
      auto execute = [this](const Batch& left) { return this->execute(left); };
      result_.status = preparation_.before(batch, place_, result_, execute);
    } catch (const std::exception& error) {  // out of memory
      result_.status = internal(std::string("cannot run the batch: ") + error.what());
    }
    if (!result_.status.ok()) result_.outputs.clear();
    done(result_);  // may give the slot to another thread, or destroy it
  }

 private:
  Status execute(const Batch& batch) {
    if (spec_.padding.enabled()) result_.padded = measure_padding(batch, spec_);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      Result<OrtValue*> value = inputs_[i].gather(batch, result_.padded.length);
      if (!value.ok()) return value.status();
      input_values_[i] = *value;
    }
    select(batch.wanted);
    result_.gathered = now();
    Status status = run();
    result_.finished = now();
    return status.ok() ? read(batch.rows) : status;
  }

  bool is_input(const std::string& name) const {
    return std::any_of(spec_.inputs.begin(), spec_.inputs.end(),
                       [&](const TensorSpec& input) { return input.name == name; });
  }

  void select(uint64_t wanted) {
    if (!selected_.empty() && wanted == selected_for_) return;
    selected_.clear();
    output_names_.clear();
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (i < 64 && (wanted >> i & 1) == 0) continue;
      selected_.push_back(i);
      output_names_.push_back(spec_.outputs[i].name.c_str());
    }
    selected_for_ = wanted;
  }

  Status run() {
    for (OrtValue* left : output_values_) Handle<OrtValue> unread(left);  // after an exception
    output_values_.assign(selected_.size(), nullptr);
    Status status = take(ort().Run(session_->handle(), nullptr, input_names_.data(),
                                   input_values_.data(), input_names_.size(), output_names_.data(),
                                   output_names_.size(), output_values_.data()));
    if (status.ok()) return status;
    return internal("ONNX Runtime failed to run the model: " + status.message());
  }

  Status read(int64_t rows) {
    result_.outputs.resize(outputs_.size());
    Status first;
    for (size_t i = 0; i < selected_.size(); ++i) {
      Handle<OrtValue> value(std::exchange(output_values_[i], nullptr));
      size_t output = selected_[i];
      Status status = outputs_[output].read(std::move(value), rows, result_.outputs[output]);
      if (first.ok()) first = std::move(status);
    }
    return first;
  }

  std::shared_ptr<const Session> session_;
  ModelSpec spec_;  // its strings back the name arrays
  std::vector<InputSlot> inputs_;
  RowPreparation preparation_;
  const RowPreparation::Place place_ = [this](size_t input, size_t size) {
    return Result<std::byte*>(inputs_[input].reserve(size));
  };
  std::vector<OutputReader> outputs_;
  std::vector<const char*> input_names_;
  std::vector<OrtValue*> input_values_;
  std::vector<const char*> output_names_;  // of the selected outputs
  std::vector<OrtValue*> output_values_;
  std::vector<size_t> selected_;
  uint64_t selected_for_ = 0;
  BatchResult result_;
};

}  // namespace

Result<std::unique_ptr<Executor>> make_onnx_executor(std::shared_ptr<const Session> session,
                                                     const ModelSpec& spec) {
  if (Status status = check_spec(*session, spec); !status.ok()) return status;
  return std::unique_ptr<Executor>(std::make_unique<OnnxExecutor>(std::move(session), spec));
}

}  // namespace skein::runtime

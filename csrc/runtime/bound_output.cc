#include "runtime/bound_output.h"

#include <algorithm>
#include <cstring>

#include "runtime/fixed_size.h"

namespace skein::runtime {
namespace {

bool is_input(const ModelSpec& spec, const std::string& name) {
  return std::any_of(spec.inputs.begin(), spec.inputs.end(),
                     [&](const TensorSpec& input) { return input.name == name; });
}

}  // namespace

BoundOutput::BoundOutput(const ModelSpec& spec, size_t index, std::shared_ptr<const Stream> stream)
    : spec_(spec.outputs[index]),
      batched_(spec.batched()),
      tensor_(std::move(stream)),
      reader_(spec_, batched_, is_input(spec, spec_.name)) {}

Result<BoundOutput> BoundOutput::create(const ModelSpec& spec, size_t index,
                                        std::shared_ptr<const Stream> stream) {
  BoundOutput output(spec, index, std::move(stream));
  int64_t most = spec.batching.max_batch_size;
  output.fixed_ = fixed_shape(output.spec_, output.batched_, most).has_value();
  if (!output.fixed_) return output;
  if (Status status = output.tensor_.reserve(output.size(most)); !status.ok()) return status;
  return output;
}

size_t BoundOutput::size(int64_t rows) const {
  return byte_size(spec_.dtype, *fixed_shape(spec_, batched_, rows)).value_or(0);
}

Result<Handle<OrtValue>> BoundOutput::place(const OrtMemoryInfo* memory, int64_t rows) const {
  if (!fixed_) return Handle<OrtValue>();
  return tensor_.value(memory, size(rows), spec_.dtype, *fixed_shape(spec_, batched_, rows));
}

Status BoundOutput::fetch(int64_t rows) const { return tensor_.fetch(size(rows)); }

Status BoundOutput::read(int64_t rows, OutputTensor& output) const {
  size_t bytes = size(rows);
  output.owner = Buffer::allocate(bytes);
  if (bytes > 0) std::memcpy(output.owner->data(), tensor_.pinned(), bytes);
  output.view = {spec_.dtype, *fixed_shape(spec_, batched_, rows), output.owner->data(), bytes};
  output.present = true;
  return {};
}

Status BoundOutput::read(Handle<OrtValue> value, int64_t rows, int64_t run_rows,
                         OutputTensor& output) const {
  Status status = reader_.read(std::move(value), run_rows, output);
  if (!status.ok() || !batched_ || rows == run_rows) return status;
  output.view.shape[0] = rows;
  if (spec_.dtype == DType::kBytes) {
    output.row_offsets.resize(static_cast<size_t>(rows) + 1);
    output.view.size = output.row_offsets.back();
  } else {
    output.view.size = output.view.size / static_cast<size_t>(run_rows) * static_cast<size_t>(rows);
  }
  return status;
}

}  // namespace skein::runtime

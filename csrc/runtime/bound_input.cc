#include "runtime/bound_input.h"

#include <cstring>

#include "runtime/fixed_size.h"

namespace skein::runtime {

Result<BoundInput> BoundInput::create(const ModelSpec& spec, size_t index,
                                      std::shared_ptr<const Stream> stream) {
  BoundInput input(spec, index, std::move(stream));
  const TensorSpec& tensor = spec.inputs[index];
  std::optional<Shape> largest = fixed_shape(tensor, spec.batched(), spec.batching.max_batch_size);
  if (!largest) return input;
  Status status = input.tensor_.reserve(byte_size(tensor.dtype, *largest).value_or(0));
  if (!status.ok()) return status;
  return input;
}

Status BoundInput::stage(const Batch& batch, int64_t length, int64_t rows) {
  value_.reset();
  Result<InputGather::Layout> layout = gather_.layout(batch, length);
  if (!layout.ok()) return layout.status();
  staged_ = *layout;
  if (gather_.dtype() == DType::kBytes) {
    Result<Handle<OrtValue>> strings = gather_.strings(batch, staged_);
    if (!strings.ok()) return strings.status();
    value_ = std::move(*strings);
    return {};
  }
  size_t row_size = 0;
  if (gather_.batched()) {
    row_size = staged_.size / static_cast<size_t>(batch.rows);
    staged_.shape[0] = rows;
    staged_.size = row_size * static_cast<size_t>(rows);
  }
  if (Status status = tensor_.reserve(staged_.size); !status.ok()) return status;
  std::byte* to = tensor_.pinned();
  if (Status status = gather_.write(batch, *layout, to); !status.ok()) return status;
  for (size_t filled = layout->size; filled < staged_.size; filled += row_size) {
    std::memcpy(to + filled, to, row_size);
  }
  return tensor_.send(staged_.size);
}

Result<std::byte*> BoundInput::reserve(size_t size) {
  if (Status status = tensor_.reserve(size); !status.ok()) return status;
  return tensor_.pinned();
}

Result<OrtValue*> BoundInput::value(const OrtMemoryInfo* memory) {
  if (value_) return value_.get();  // strings
  Result<Handle<OrtValue>> made =
      tensor_.value(memory, staged_.size, gather_.dtype(), staged_.shape);
  if (!made.ok()) return made.status();
  value_ = std::move(*made);
  return value_.get();
}

}  // namespace skein::runtime

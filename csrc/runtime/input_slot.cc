#include "runtime/input_slot.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/strings.h"
#include "runtime/tensor_types.h"

namespace skein::runtime {
namespace {

// Describes memory of the process; never freed.
const OrtMemoryInfo* cpu_memory() {
  static const OrtMemoryInfo* info = [] {
    OrtMemoryInfo* created = nullptr;
    Handle<OrtStatus> status(
        ort().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &created));
    return created;
  }();
  return info;
}

bool aligned(const std::byte* data, size_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

}  // namespace

InputSlot::InputSlot(const TensorSpec& spec, size_t index, bool batched)
    : name_(spec.name), dtype_(spec.dtype), index_(index), batched_(batched) {}

Result<OrtValue*> InputSlot::gather(const Batch& batch) {
  Shape shape = batch.items.front().inputs[index_].shape;
  if (batched_) shape[0] = batch.rows;
  if (dtype_ == DType::kBytes) return gather_strings(batch, shape);
  std::optional<int64_t> elements = element_count(shape.dims());
  if (!elements)
    return internal("input '" + name_ + "' has the impossible shape " + to_string(shape));
  size_t size = static_cast<size_t>(*elements) * element_size(dtype_);
  Result<const std::byte*> data = contiguous(batch, size);
  if (!data.ok()) return data.status();
  return wrap(*data, size, shape);
}

Result<OrtValue*> InputSlot::gather_strings(const Batch& batch, const Shape& shape) {
  std::vector<TensorView> parts;
  for (const Item& item : batch.items) parts.push_back(item.inputs[index_]);
  Result<Handle<OrtValue>> tensor = make_string_tensor(parts, shape);
  if (!tensor.ok()) {
    return Status(tensor.status().code(), "input '" + name_ + "': " + tensor.status().message());
  }
  value_ = std::move(*tensor);
  return value_.get();
}

Result<const std::byte*> InputSlot::contiguous(const Batch& batch, size_t size) {
  size_t given = 0;
  for (const Item& item : batch.items) given += item.inputs[index_].size;
  if (given != size) {
    return internal("input '" + name_ + "': the batch holds " + std::to_string(given) +
                    " bytes, its shape needs " + std::to_string(size));
  }
  const std::byte* only = batch.items.front().inputs[index_].data;
  if (batch.items.size() == 1 && size > 0 && aligned(only, element_size(dtype_))) return only;
  return stage(batch, size);
}

const std::byte* InputSlot::stage(const Batch& batch, size_t size) {
  if (!staging_ || staging_->size() < size) {
    size_t grown = staging_ ? 2 * staging_->size() : 64;
    staging_ = {};
    staging_ = Buffer::allocate(std::max(size, grown));
  }
  std::byte* to = staging_->data();
  for (const Item& item : batch.items) {
    const TensorView& view = item.inputs[index_];
    if (view.size > 0) std::memcpy(to, view.data, view.size);
    to += view.size;
  }
  return staging_->data();
}

Result<OrtValue*> InputSlot::wrap(const std::byte* data, size_t size, const Shape& shape) {
  if (value_ && wrapped_ == data && wrapped_shape_ == shape) return value_.get();
  OrtValue* created = nullptr;
  Status status = take(ort().CreateTensorWithDataAsOrtValue(
      cpu_memory(), const_cast<std::byte*>(data), size, shape.begin(), shape.rank(),
      onnx_type(dtype_), &created));
  if (!status.ok()) return status;
  value_.reset(created);
  wrapped_ = data;
  wrapped_shape_ = shape;
  return created;
}

}  // namespace skein::runtime

#include "runtime/input_slot.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/padding.h"
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

InputSlot::InputSlot(const ModelSpec& spec, size_t index)
    : name_(spec.inputs[index].name),
      dtype_(spec.inputs[index].dtype),
      index_(index),
      batched_(spec.batched()) {
  if (is_padded(spec.padding, index)) padding_.emplace(spec, index);
}

Result<OrtValue*> InputSlot::gather(const Batch& batch, int64_t length) {
  Shape shape = batch.items.front().inputs[index_].shape;
  if (batched_) shape[0] = batch.rows;
  if (padding_) shape = padding_->padded(shape, length);
  if (dtype_ == DType::kBytes) return gather_strings(batch, shape);
  std::optional<int64_t> elements = element_count(shape.dims());
  size_t size = 0;
  if (!elements || __builtin_mul_overflow(*elements, element_size(dtype_), &size))
    return internal("input '" + name_ + "' has the impossible shape " + to_string(shape));
  Result<const std::byte*> data = contiguous(batch, shape, size);
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

Result<const std::byte*> InputSlot::contiguous(const Batch& batch, const Shape& shape,
                                               size_t size) {
  size_t given = 0;
  for (const Item& item : batch.items) given += item.inputs[index_].size;
  if (padding_ && given < size) return stage_padded(batch, shape, size);
  if (given != size) return wrong_size(given, size);
  const std::byte* only = batch.items.front().inputs[index_].data;
  if (batch.items.size() == 1 && size > 0 && aligned(only, element_size(dtype_))) return only;
  return stage(batch, size);
}

Status InputSlot::wrong_size(size_t given, size_t size) const {
  return internal("input '" + name_ + "': the batch holds " + std::to_string(given) +
                  " bytes, its shape needs " + std::to_string(size));
}

std::byte* InputSlot::reserve(size_t size) {
  if (!staging_ || staging_->size() < size) {
    size_t grown = staging_ ? 2 * staging_->size() : 64;
    staging_ = {};
    staging_ = Buffer::allocate(std::max(size, grown));
  }
  return staging_->data();
}

const std::byte* InputSlot::stage(const Batch& batch, size_t size) {
  std::byte* to = reserve(size);
  for (const Item& item : batch.items) {
    const TensorView& view = item.inputs[index_];
    if (view.size > 0) std::memcpy(to, view.data, view.size);
    to += view.size;
  }
  return staging_->data();
}

Result<const std::byte*> InputSlot::stage_padded(const Batch& batch, const Shape& shape,
                                                 size_t size) {
  std::byte* to = reserve(size);
  size_t row_size = size / static_cast<size_t>(batch.rows);
  for (const Item& item : batch.items) {
    const TensorView& view = item.inputs[index_];
    size_t own =
        static_cast<size_t>(element_count(view.shape.dims()).value_or(0)) * element_size(dtype_);
    if (view.data != nullptr && view.size != own) return wrong_size(view.size, own);
    Shape padded = shape;
    padded[0] = item.rows;
    padding_->copy(view, to, padded);
    to += row_size * static_cast<size_t>(item.rows);
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

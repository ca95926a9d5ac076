#include "runtime/input_slot.h"

#include <algorithm>

#include "runtime/ort_tensor.h"

namespace skein::runtime {

Result<OrtValue*> InputSlot::gather(const Batch& batch, int64_t length) {
  Result<InputGather::Layout> layout = gather_.layout(batch, length);
  if (!layout.ok()) return layout.status();
  if (gather_.dtype() == DType::kBytes) return gather_strings(batch, *layout);
  const std::byte* data = gather_.in_place(batch, *layout);
  if (data == nullptr) {
    std::byte* to = reserve(layout->size);
    if (Status status = gather_.write(batch, *layout, to); !status.ok()) return status;
    data = to;
  }
  return wrap(data, layout->size, layout->shape);
}

Result<OrtValue*> InputSlot::gather_strings(const Batch& batch, const InputGather::Layout& layout) {
  Result<Handle<OrtValue>> tensor = gather_.strings(batch, layout);
  if (!tensor.ok()) return tensor.status();
  value_ = std::move(*tensor);
  return value_.get();
}

std::byte* InputSlot::reserve(size_t size) {
  if (!staging_ || staging_->size() < size) {
    size_t grown = staging_ ? 2 * staging_->size() : 64;
    staging_ = {};
    staging_ = Buffer::allocate(std::max(size, grown));
  }
  return staging_->data();
}

Result<OrtValue*> InputSlot::wrap(const std::byte* data, size_t size, const Shape& shape) {
  if (value_ && wrapped_ == data && wrapped_shape_ == shape) return value_.get();
  Result<Handle<OrtValue>> tensor =
      wrap_tensor(cpu_memory(), const_cast<std::byte*>(data), size, gather_.dtype(), shape);
  if (!tensor.ok()) return tensor.status();
  value_ = std::move(*tensor);
  wrapped_ = data;
  wrapped_shape_ = shape;
  return value_.get();
}

}  // namespace skein::runtime

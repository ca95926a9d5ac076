#include "runtime/input_gather.h"

#include <cstring>
#include <vector>

#include "base/padding.h"
#include "runtime/fixed_size.h"
#include "runtime/strings.h"

namespace skein::runtime {
namespace {

bool aligned(const std::byte* data, size_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

}  // namespace

InputGather::InputGather(const ModelSpec& spec, size_t index)
    : name_(spec.inputs[index].name),
      dtype_(spec.inputs[index].dtype),
      index_(index),
      batched_(spec.batched()) {
  if (is_padded(spec.padding, index)) padding_.emplace(spec, index);
}

Result<InputGather::Layout> InputGather::layout(const Batch& batch, int64_t length) const {
  Layout layout{batch.items.front().inputs[index_].shape};
  if (batched_) layout.shape[0] = batch.rows;
  if (padding_) layout.shape = padding_->padded(layout.shape, length);
  if (dtype_ == DType::kBytes) return layout;
  std::optional<size_t> size = byte_size(dtype_, layout.shape);
  if (!size) {
    return internal("input '" + name_ + "' has the impossible shape " + to_string(layout.shape));
  }
  layout.size = *size;
  size_t given = 0;
  for (const Item& item : batch.items) given += item.inputs[index_].size;
  layout.pads = padding_ && given < layout.size;
  if (!layout.pads && given != layout.size) return wrong_size(given, layout.size);
  return layout;
}

Status InputGather::wrong_size(size_t given, size_t size) const {
  return internal("input '" + name_ + "': the batch holds " + std::to_string(given) +
                  " bytes, its shape needs " + std::to_string(size));
}

const std::byte* InputGather::in_place(const Batch& batch, const Layout& layout) const {
  const std::byte* only = batch.items.front().inputs[index_].data;
  bool whole = batch.items.size() == 1 && layout.size > 0 && !layout.pads;
  return whole && aligned(only, element_size(dtype_)) ? only : nullptr;
}

Status InputGather::write(const Batch& batch, const Layout& layout, std::byte* to) const {
  if (layout.pads) return write_padded(batch, layout, to);
  for (const Item& item : batch.items) {
    const TensorView& view = item.inputs[index_];
    if (view.data != nullptr && view.size > 0) std::memcpy(to, view.data, view.size);
    to += view.size;
  }
  return {};
}

Status InputGather::write_padded(const Batch& batch, const Layout& layout, std::byte* to) const {
  size_t row_size = layout.size / static_cast<size_t>(batch.rows);
  for (const Item& item : batch.items) {
    const TensorView& view = item.inputs[index_];
    size_t own =
        static_cast<size_t>(element_count(view.shape.dims()).value_or(0)) * element_size(dtype_);
    if (view.data != nullptr && view.size != own) return wrong_size(view.size, own);
    Shape padded = layout.shape;
    padded[0] = item.rows;
    padding_->copy(view, to, padded);
    to += row_size * static_cast<size_t>(item.rows);
  }
  return {};
}

Result<Handle<OrtValue>> InputGather::strings(const Batch& batch, const Layout& layout) const {
  std::vector<TensorView> parts;
  for (const Item& item : batch.items) parts.push_back(item.inputs[index_]);
  Result<Handle<OrtValue>> tensor = make_string_tensor(parts, layout.shape);
  if (tensor.ok()) return tensor;
  return Status(tensor.status().code(), "input '" + name_ + "': " + tensor.status().message());
}

}  // namespace skein::runtime

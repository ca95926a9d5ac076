// Where one input of a slot is gathered.
#pragma once

#include <optional>
#include <string>

#include "base/model_spec.h"
#include "runtime/executor.h"
#include "runtime/input_padding.h"
#include "runtime/ort.h"

namespace skein::runtime {

class InputSlot {
 public:
  // Input `index` of every item. Rows of a batched model are concatenated along dimension 0.
  InputSlot(const ModelSpec& spec, size_t index);

  // The input of the whole batch, its rows padded to `length` if the specification says so. It
  // sees the staging buffer, or the bytes of the batch's only item where these are aligned and
  // need no padding: valid until the next gather() and while the batch is.
  Result<OrtValue*> gather(const Batch& batch, int64_t length);

 private:
  Result<OrtValue*> gather_strings(const Batch& batch, const Shape& shape);
  Result<const std::byte*> contiguous(const Batch& batch, const Shape& shape, size_t size);
  const std::byte* stage(const Batch& batch, size_t size);
  Result<const std::byte*> stage_padded(const Batch& batch, const Shape& shape, size_t size);
  std::byte* reserve(size_t size);
  Status wrong_size(size_t given, size_t size) const;
  Result<OrtValue*> wrap(const std::byte* data, size_t size, const Shape& shape);

  std::string name_;
  DType dtype_;
  size_t index_;
  bool batched_;
  std::optional<InputPadding> padding_;
  Ref<Buffer> staging_;
  Handle<OrtValue> value_;  // kept: most batches have the shape and place of the one before
  const std::byte* wrapped_ = nullptr;
  Shape wrapped_shape_;
};

}  // namespace skein::runtime

// Where one input of a slot is gathered.
#pragma once

#include <string>

#include "base/model_spec.h"
#include "runtime/executor.h"
#include "runtime/ort.h"

namespace skein::runtime {

class InputSlot {
 public:
  // Input `index` of every item; `batched`: rows are concatenated along dimension 0.
  InputSlot(const TensorSpec& spec, size_t index, bool batched);

  // The input of the whole batch. It sees the staging buffer, or the bytes of the batch's only
  // item where these are aligned: valid until the next gather() and while the batch is.
  Result<OrtValue*> gather(const Batch& batch);

 private:
  Result<OrtValue*> gather_strings(const Batch& batch, const Shape& shape);
  Result<const std::byte*> contiguous(const Batch& batch, size_t size);
  const std::byte* stage(const Batch& batch, size_t size);
  Result<OrtValue*> wrap(const std::byte* data, size_t size, const Shape& shape);

  std::string name_;
  DType dtype_;
  size_t index_;
  bool batched_;
  Ref<Buffer> staging_;
  Handle<OrtValue> value_;  // kept: most batches have the shape and place of the one before
  const std::byte* wrapped_ = nullptr;
  Shape wrapped_shape_;
};

}  // namespace skein::runtime

// Where one input of a slot is gathered.
#pragma once

#include "runtime/input_gather.h"

namespace skein::runtime {

class InputSlot {
 public:
  InputSlot(const ModelSpec& spec, size_t index) : gather_(spec, index) {}

  // The input of the whole batch, its rows padded to `length` if the specification says so. It
  // sees the staging buffer, or the bytes of the batch's only item where these are aligned and
  // need no padding: valid until the next gather() and while the batch is.
  Result<OrtValue*> gather(const Batch& batch, int64_t length);

  // The staging buffer, with room for `size` bytes; what it held is lost if it grows.
  std::byte* reserve(size_t size);

 private:
  Result<OrtValue*> gather_strings(const Batch& batch, const InputGather::Layout& layout);
  Result<OrtValue*> wrap(const std::byte* data, size_t size, const Shape& shape);

  InputGather gather_;
  Ref<Buffer> staging_;
  Handle<OrtValue> value_;  // kept: most batches have the shape and place of the one before
  const std::byte* wrapped_ = nullptr;
  Shape wrapped_shape_;
};

}  // namespace skein::runtime

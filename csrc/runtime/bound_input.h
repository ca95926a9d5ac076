// One input of a slot that runs on a device.
#pragma once

#include "runtime/device_tensor.h"
#include "runtime/input_gather.h"

namespace skein::runtime {

class BoundInput {
 public:
  // Takes room for the largest batch at once where the specification fixes its size.
  static Result<BoundInput> create(const ModelSpec& spec, size_t index,
                                   std::shared_ptr<const Stream> stream);

  // Gathers the batch's input, repeats its first row until there are `rows`, and starts the copy
  // to the device. kBytes stay in host memory.
  Status stage(const Batch& batch, int64_t length, int64_t rows);
  // The pinned memory, with room for `size` bytes; what it held is lost if it grows.
  Result<std::byte*> reserve(size_t size);
  // What was staged last, once the stream has been waited for.
  Result<OrtValue*> value(const OrtMemoryInfo* memory);

 private:
  BoundInput(const ModelSpec& spec, size_t index, std::shared_ptr<const Stream> stream)
      : gather_(spec, index), tensor_(std::move(stream)) {}

  InputGather gather_;
  DeviceTensor tensor_;
  InputGather::Layout staged_;
  Handle<OrtValue> value_;
};

}  // namespace skein::runtime

#include "runtime/ort_tensor.h"

#include "runtime/tensor_types.h"

namespace skein::runtime {

const OrtMemoryInfo* cpu_memory() {
  static const OrtMemoryInfo* info = [] {
    OrtMemoryInfo* created = nullptr;
    Handle<OrtStatus> status(
        ort().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &created));
    return created;
  }();
  return info;
}

Result<Handle<OrtValue>> wrap_tensor(const OrtMemoryInfo* memory, std::byte* data, size_t size,
                                     DType dtype, const Shape& shape) {
  OrtValue* created = nullptr;
  Status status = take(ort().CreateTensorWithDataAsOrtValue(
      memory, data, size, shape.begin(), shape.rank(), onnx_type(dtype), &created));
  if (!status.ok()) return status;
  return Handle<OrtValue>(created);
}

}  // namespace skein::runtime

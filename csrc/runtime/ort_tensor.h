// ONNX Runtime's tensors over memory that somebody else owns.
#pragma once

#include "base/status.h"
#include "base/tensor.h"
#include "runtime/ort.h"

namespace skein::runtime {

// Memory of the process; never freed.
const OrtMemoryInfo* cpu_memory();

// A tensor that sees the `size` bytes at `data`, which must outlive it.
Result<Handle<OrtValue>> wrap_tensor(const OrtMemoryInfo* memory, std::byte* data, size_t size,
                                     DType dtype, const Shape& shape);

}  // namespace skein::runtime

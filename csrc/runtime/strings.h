// String tensors between the protocol's raw form (little-endian uint32 length, bytes) and ONNX
// Runtime's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "base/tensor.h"
#include "runtime/ort.h"

namespace skein::runtime {

// One string tensor of `shape` from consecutive raw parts. INVALID_ARGUMENT when the parts do not
// hold exactly the elements of the shape.
Result<Handle<OrtValue>> make_string_tensor(std::span<const TensorView> parts, const Shape& shape);

struct RawStrings {
  Ref<Buffer> bytes;
  std::vector<size_t> row_offsets;  // rows + 1 entries
};
// The raw form of `tensor`, whose `elements` are `rows` rows of equal count.
Result<RawStrings> read_strings(const OrtValue* tensor, size_t elements, size_t rows);

}  // namespace skein::runtime

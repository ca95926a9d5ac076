// Tensors whose size is known before a batch is.
#pragma once

#include <cstdint>
#include <optional>

#include "base/model_spec.h"

namespace skein::runtime {

// The shape of `tensor` with `rows` rows; nullopt: kBytes, or another dimension is dynamic.
std::optional<Shape> fixed_shape(const TensorSpec& tensor, bool batched, int64_t rows);

// Bytes of a tensor of that shape.
std::optional<size_t> byte_size(DType dtype, const Shape& shape);

}  // namespace skein::runtime

// How requests of different lengths share a batch (see PaddingSpec): pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/model_spec.h"

namespace skein {

// Rows of the same bucket share batches. Bucket 0 is the length 0 alone: an empty tensor is run as
// it is. Then come the bounds, and beyond the last bound one bucket up to each power of two.
uint64_t bucket_of(int64_t length, const std::vector<int64_t>& bounds);

// Whether rows of this input are padded: it is listed, or it is the mask.
bool is_padded(const PaddingSpec& padding, size_t input);

// Whether rows of two requests can stand in one batch: equal dimensions but for the first, and for
// padded inputs lengths of the same bucket. The inputs are one per ModelSpec::inputs each.
bool same_shape_class(const ModelSpec& spec, std::span<const TensorView> a,
                      std::span<const TensorView> b);

// `shape` with the dynamic dimensions of `declared`, except the first, set to `length`.
Shape with_length(Shape shape, const Shape& declared, int64_t length);

// `shape` cut back to `length`: like with_length(), but only dimensions of the size `padded`.
Shape cut_to_length(Shape shape, const Shape& declared, int64_t padded, int64_t length);

}  // namespace skein

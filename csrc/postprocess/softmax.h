// Scores to probabilities.
#pragma once

#include <cstddef>

#include "base/tensor.h"

namespace skein::postprocess {

// Writes exp(x) / sum(exp(x)) over the last axis of `scores`, FP16, BF16, FP32 or FP64, in the same
// datatype. The largest score of a line is taken off first, so large ones do not overflow; sums are
// FP64. A line with NaN or +infinity, or of -infinity alone, becomes NaN, as NumPy has it. `to` has
// scores.size bytes and may be scores.data. Throws std::bad_alloc.
void softmax(const TensorView& scores, std::byte* to);

}  // namespace skein::postprocess

// Single elements as numbers, for filling and comparing the probe's tensors.
#pragma once

#include <cstddef>
#include <vector>

#include "base/dtype.h"

namespace skein::runtime {

// Appends `value` as one element; for kBytes its integer part in decimal, in the raw form.
// For kFp16 it must be zero or a normal number of that type.
void append_value(std::vector<std::byte>& bytes, DType dtype, double value);

bool is_float(DType dtype);
// The element of a floating-point type at `data`, possibly unaligned.
double float_at(DType dtype, const std::byte* data);

}  // namespace skein::runtime

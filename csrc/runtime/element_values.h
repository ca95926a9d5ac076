// Single elements as numbers: the padding's, and those of the probe's tensors.
#pragma once

#include <cstddef>
#include <vector>

#include "base/dtype.h"

namespace skein::runtime {

// Appends `value`, which the datatype holds, as one element, rounded to the nearest; for kBytes
// its integer part in decimal, in the raw form.
void append_value(std::vector<std::byte>& bytes, DType dtype, double value);

// Whether `value` lies in the range of the datatype, and is integral where that is. kBytes: never.
bool holds(DType dtype, double value);

bool is_float(DType dtype);
// The element of a floating-point type at `data`, possibly unaligned.
double float_at(DType dtype, const std::byte* data);

}  // namespace skein::runtime

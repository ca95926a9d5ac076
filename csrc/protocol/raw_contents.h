// Tensor data given in raw_input_contents.
#pragma once

#include "base/model_spec.h"
#include "base/status.h"
#include "base/tensor.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// Points `view` (dtype and shape already set) at `raw`, in place. INVALID_ARGUMENT when the bytes
// are not exactly the shape's elements, or a BOOL byte is neither 0 nor 1 (kernels read those bytes
// as they are, and another value is undefined behaviour in most of them).
Status view_raw(const RequestInput& input, Bytes raw, const ModelSpec& spec, TensorView& view);

}  // namespace skein::protocol

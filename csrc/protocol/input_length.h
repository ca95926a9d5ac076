// The length of a request to a model with padding.
#pragma once

#include <cstdint>

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// The size of the dynamic dimensions of the padded inputs, which must be the same for all:
// INVALID_ARGUMENT naming two that differ, with their shapes. These have passed check_shape().
// `length` is 0 for models without padding.
Status check_lengths(const RequestTensors& tensors, const ModelSpec& spec, int64_t& length);

}  // namespace skein::protocol

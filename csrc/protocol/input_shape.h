// Whether an input's datatype and shape are what the model takes.
#pragma once

#include <cstdint>

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// INVALID_ARGUMENT naming input, model, expectation and what came. On success input.elements is
// set, to 2^62 at most.
Status check_shape(RequestInput& input, const ModelSpec& spec);

// The batch dimension of a model that has one: between 1 and max_batch_size and the same for all
// inputs. Their shapes have passed check_shape(). `rows` is 1 for other models.
Status check_rows(const RequestTensors& tensors, const ModelSpec& spec, int64_t& rows);

}  // namespace skein::protocol

// Reading one ModelInferRequest.InferInputTensor.
#pragma once

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// Appends the input to `tensors`. INTERNAL when it is no protobuf, INVALID_ARGUMENT for a name the
// model lacks or that came before, UNIMPLEMENTED for shared memory.
Status add_input(Bytes message, const std::byte* origin, const ModelSpec& spec,
                 RequestTensors& tensors);

}  // namespace skein::protocol

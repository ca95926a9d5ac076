// Reading one ModelInferRequest.InferRequestedOutputTensor.
#pragma once

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/infer_request.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// Appends to the outputs and classes of `request`. INTERNAL when it is no protobuf,
// INVALID_ARGUMENT for a name the model lacks or that came before and for a classification that
// cannot be, UNIMPLEMENTED for shared memory.
Status add_output(Bytes message, const std::byte* origin, const ModelSpec& spec,
                  InferRequest& request);

}  // namespace skein::protocol

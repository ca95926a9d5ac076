// Reading one ModelInferRequest.InferRequestedOutputTensor.
#pragma once

#include <cstdint>
#include <vector>

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// Appends the index of the output to `outputs`. INTERNAL when it is no protobuf, INVALID_ARGUMENT
// for a name the model lacks or that came before, UNIMPLEMENTED for shared memory and
// classification.
Status add_output(Bytes message, const std::byte* origin, const ModelSpec& spec,
                  std::vector<uint32_t>& outputs);

}  // namespace skein::protocol

// What a request sends in place of tensors (ModelSpec::raw_inputs).
#pragma once

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/infer_request.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// Settles whether `input` is the tensor of its name (`is_tensor`: there is one, and spec_index is
// its index) or a raw input. Of several with the name the one is meant whose datatype and shape
// agree with what came, else whose datatype does. `position`: of the input in the request. False:
// nothing has the name.
bool find_raw(const ModelSpec& spec, size_t position, bool is_tensor, RequestInput& input);

// Notes the way in which each group was sent. INVALID_ARGUMENT where a group comes in two ways, or
// beside a tensor that it would make. Tensors that a group makes then count as claimed.
Status choose_ways(RequestTensors& tensors, const ModelSpec& spec, InferRequest& request);

}  // namespace skein::protocol

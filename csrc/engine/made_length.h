// The length of a request (see PaddingSpec) some of whose inputs were made.
#pragma once

#include "base/model_spec.h"
#include "protocol/infer_request.h"

namespace skein::engine {

// Sets request.length by the padded inputs. INVALID_ARGUMENT when their lengths differ: some were
// made, others sent.
Status settle_length(const ModelSpec& spec, protocol::InferRequest& request);

}  // namespace skein::engine

// Rewrites typed contents into the layout of raw contents.
#pragma once

#include <vector>

#include "base/buffer.h"
#include "base/model_spec.h"
#include "base/status.h"
#include "base/tensor.h"
#include "protocol/contents_reader.h"

namespace skein::protocol {

// `summary` must be the input's own: it sizes the buffer, which is appended to `converted` and
// seen by `view`. INVALID_ARGUMENT with index and value for an integer that does not fit.
Status convert_contents(const RequestInput& input, const ContentsSummary& summary,
                        const ModelSpec& spec, TensorView& view,
                        std::vector<Ref<Buffer>>& converted);

}  // namespace skein::protocol

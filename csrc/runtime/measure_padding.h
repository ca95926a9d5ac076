// How long a batch gets by padding, and what that costs.
#pragma once

#include "base/model_spec.h"
#include "runtime/executor.h"

namespace skein::runtime {

PaddedBatch measure_padding(const Batch& batch, const ModelSpec& spec);

}  // namespace skein::runtime

// Whether a padding specification fits its model.
#pragma once

#include "base/model_spec.h"
#include "base/status.h"

namespace skein::runtime {

// INVALID_ARGUMENT naming tensor, fault and fix. Nothing is wrong without padding.
Status check_padding(const ModelSpec& spec);

}  // namespace skein::runtime

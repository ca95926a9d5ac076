// Execution providers by our names (cpu, openvino, cuda, tensorrt) and their options.
#pragma once

#include <string>
#include <vector>

#include "base/model_spec.h"
#include "base/status.h"
#include "runtime/ort.h"

namespace skein::runtime {

// Those of ours that the loaded build contains, cpu first.
std::vector<std::string> available_providers();

// Adds the provider of `execution` to `options`. INVALID_ARGUMENT: no such provider, or options
// that it refuses; FAILED_PRECONDITION: known, but not in this build.
Status append_provider(OrtSessionOptions* options, const ExecutionSpec& execution,
                       int concurrent_runs);

}  // namespace skein::runtime

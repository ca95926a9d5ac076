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

// INVALID_ARGUMENT: no provider has that name; FAILED_PRECONDITION: it is not in this build.
Status check_available(const std::string& name);

// Adds the provider of `execution`, which is available, to `options`. INVALID_ARGUMENT: options
// that it refuses. A GPU's provider runs on `stream`, which outlives the session; else it is null.
Status append_provider(OrtSessionOptions* options, const ExecutionSpec& execution,
                       int concurrent_runs, void* stream);

}  // namespace skein::runtime

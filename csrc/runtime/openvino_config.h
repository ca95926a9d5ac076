// What the OpenVINO provider must be told so that several slots share its CPU plugin well.
#pragma once

#include <map>
#include <string>

#include "base/model_spec.h"
#include "base/status.h"

namespace skein::runtime {

// The options of `execution` completed: device_type CPU, and on that device a `load_config` with
// as many streams as concurrent runs, the threads of each, and no pinning of the calling thread
// (the plugin's default binds every caller to CPU 0). A `load_config`, `num_of_threads` or
// `num_streams` of the user wins key by key. INVALID_ARGUMENT when load_config is not a JSON object
// of objects.
Result<std::map<std::string, std::string>> openvino_options(const ExecutionSpec& execution,
                                                            int concurrent_runs);

}  // namespace skein::runtime

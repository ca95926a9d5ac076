// An ExecutionSpec as ONNX Runtime's session options.
#pragma once

#include "base/model_spec.h"
#include "base/status.h"
#include "runtime/ort.h"

namespace skein::runtime {

// Explicit thread counts, no spinning; `concurrent_runs` is how many slots share the session. A
// GPU's provider runs on `stream`, which outlives the session; else it is null.
Result<Handle<OrtSessionOptions>> make_session_options(const ExecutionSpec& execution,
                                                       int concurrent_runs, void* stream);

}  // namespace skein::runtime

// Slots that run on a device: tensors are staged in pinned memory, copied on the slot's stream, and
// bound to places on the device.
#pragma once

#include <memory>

#include "base/model_spec.h"
#include "base/status.h"
#include "runtime/device_memory.h"
#include "runtime/executor.h"
#include "runtime/session.h"

namespace skein::runtime {

// The session is this slot's alone, and its provider runs on `stream`. Errors as of
// make_onnx_executor, and those of the device.
Result<std::unique_ptr<Executor>> make_bound_executor(std::shared_ptr<Session> session,
                                                      const ModelSpec& spec,
                                                      std::shared_ptr<const Stream> stream);

}  // namespace skein::runtime

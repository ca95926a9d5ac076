// A slot that runs a session on the thread that submits.
#pragma once

#include <memory>

#include "runtime/executor.h"
#include "runtime/session.h"

namespace skein::runtime {

// See OnnxModel::make_executor.
Result<std::unique_ptr<Executor>> make_onnx_executor(std::shared_ptr<const Session> session,
                                                     const ModelSpec& spec);

}  // namespace skein::runtime

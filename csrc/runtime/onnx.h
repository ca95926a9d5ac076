// ONNX Runtime through its C API, opened at run time from the installed wheel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/model_spec.h"
#include "base/status.h"
#include "runtime/executor.h"

namespace skein::runtime {

// The loaded library. One per process: a second open() of another path is an error.
class OnnxRuntime {
 public:
  // `library` is the path of libonnxruntime.so.*.
  static Result<std::shared_ptr<OnnxRuntime>> open(const std::string& library);
  virtual ~OnnxRuntime() = default;
  virtual std::string version() const = 0;
  // Names as in ExecutionSpec::provider, of those in this build: {"cpu", "openvino"}.
  virtual std::vector<std::string> providers() const = 0;
};

// A session on one model file. Slots share it, except on a GPU, where each has one of its own.
class OnnxModel {
 public:
  // Creates the session. Errors name the model file and, where ONNX Runtime tells, the node.
  // An unavailable provider: FAILED_PRECONDITION, naming it and what is available.
  // Sequence or map inputs/outputs: INVALID_ARGUMENT with the fix (zipmap=False for skl2onnx).
  static Result<std::shared_ptr<OnnxModel>> load(std::shared_ptr<OnnxRuntime> runtime,
                                                 const std::string& path,
                                                 const ExecutionSpec& execution,
                                                 int concurrent_runs);
  virtual ~OnnxModel() = default;

  // As the file declares them; dynamic dimensions are -1.
  virtual const std::vector<TensorSpec>& inputs() const = 0;
  virtual const std::vector<TensorSpec>& outputs() const = 0;

  // Whether dimension 0 of every input and output is an independent batch dimension: runs two
  // random rows together and each alone and compares (exact for integers and strings, relative
  // 1e-3 / absolute 1e-5 for floats). false also when no rows could be run at all.
  virtual Result<bool> probe_batching() = 0;

  // Ends the profile of a model loaded with a profile_prefix; the path of its file.
  virtual Result<std::string> end_profiling() = 0;

  // A slot for `spec`, whose inputs and outputs must name tensors of this model (a subset of the
  // outputs is fine). FAILED_PRECONDITION or INVALID_ARGUMENT naming the tensor if they do not.
  virtual Result<std::unique_ptr<Executor>> make_executor(const ModelSpec& spec) = 0;
};

}  // namespace skein::runtime

// A session on one model file.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/device_memory.h"
#include "runtime/onnx.h"
#include "runtime/ort.h"
#include "runtime/tensor_types.h"

namespace skein::runtime {

// The process's environment; valid once OnnxRuntime::open() succeeded.
OrtEnv* environment();

// What a session was opened from, and what it runs on.
struct SessionSource {
  std::shared_ptr<OnnxRuntime> runtime;
  std::string path;
  ExecutionSpec execution;
  std::shared_ptr<const Stream> stream;  // null: it is not on a GPU
};

class Session final : public OnnxModel, public std::enable_shared_from_this<Session> {
 public:
  Session(SessionSource source, Handle<OrtSession> handle, std::vector<Port> inputs,
          std::vector<Port> outputs);
  ~Session() override;

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }
  Result<bool> probe_batching() override;
  Result<std::string> end_profiling() override;
  Result<std::unique_ptr<Executor>> make_executor(const ModelSpec& spec) override;

  OrtSession* handle() const { return handle_.get(); }
  const std::vector<Port>& input_ports() const { return input_ports_; }
  const std::vector<Port>& output_ports() const { return output_ports_; }

  // Of the slot on a GPU whose the session is. The slot ends, so another may take it.
  void give_back() { taken_ = false; }
  // The device is lost: the session is not to be released.
  void abandon() { abandoned_ = true; }

 private:
  Result<std::shared_ptr<Session>> own_session(const ExecutionSpec& execution);

  SessionSource source_;
  Handle<OrtSession> handle_;
  std::atomic<bool> taken_{false};  // by a slot on a GPU
  std::atomic<bool> abandoned_{false};
  std::vector<Port> input_ports_;
  std::vector<Port> output_ports_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
};

}  // namespace skein::runtime

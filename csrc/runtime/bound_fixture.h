// Slots of test models on GPUs made of ordinary memory. Tests only.
#pragma once

#include <numeric>
#include <utility>

#include "runtime/bound_executor.h"
#include "runtime/cuda_fixture.h"
#include "runtime/onnx_fixture.h"

namespace skein::runtime {

inline std::shared_ptr<Session> session_of(const std::string& graph) {
  return std::static_pointer_cast<Session>(try_load(graph).value());
}

inline ModelSpec bound_spec(const Session& session, int64_t max_batch_size,
                            std::vector<int64_t> warm_sizes = {}) {
  ModelSpec spec = spec_of(session, max_batch_size);
  spec.batching.warm_batch_sizes = std::move(warm_sizes);
  return spec;
}

inline std::unique_ptr<Executor> bound_executor_of(const std::string& graph, int64_t max_batch_size,
                                                   std::vector<int64_t> warm_sizes = {},
                                                   int device_id = 0) {
  std::shared_ptr<Session> session = session_of(graph);
  ModelSpec spec = bound_spec(*session, max_batch_size, std::move(warm_sizes));
  return make_bound_executor(session, spec, fake_stream(device_id)).value();
}

// A session of the CPU provider that is told it is CUDA's.
inline std::shared_ptr<Session> gpu_session_of(const std::string& graph) {
  SessionSource source{test_runtime(), graph_path(graph), {}, fake_stream()};
  source.execution.provider = "cuda";
  std::shared_ptr<Session> cpu = session_of(graph);
  OrtSessionOptions* options = nullptr;
  EXPECT_TRUE(take(ort().CreateSessionOptions(&options)).ok());
  Handle<OrtSessionOptions> owner(options);
  OrtSession* handle = nullptr;
  EXPECT_TRUE(take(ort().CreateSession(environment(), source.path.c_str(), options, &handle)).ok());
  return std::make_shared<Session>(std::move(source), Handle<OrtSession>(handle),
                                   cpu->input_ports(), cpu->output_ports());
}

inline std::vector<float> counted(size_t count, float first) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

}  // namespace skein::runtime

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

inline std::vector<float> counted(size_t count, float first) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

}  // namespace skein::runtime

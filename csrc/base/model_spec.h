// What the control plane decided about one version of one model. A value: the data plane never
// changes it, and every default has been filled in by the time it gets here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/tensor.h"

namespace skein {

struct TensorSpec {
  std::string name;
  DType dtype = DType::kFp32;
  // As clients see it. With batching, dims[0] is the batch dimension and is -1.
  Shape dims;
};

// How the model file is executed.
struct ExecutionSpec {
  std::string provider = "cpu";                // cpu, openvino, cuda, tensorrt
  std::map<std::string, std::string> options;  // passed to the provider as they are
  int intra_op_threads = 1;                    // threads of one run; >= 1
  int inter_op_threads = 1;                    // > 1 runs independent branches in parallel
  int optimization_level = 99;                 // ORT's GraphOptimizationLevel: 0, 1, 2 or 99
  int device_id = 0;                           // accelerators only
};

struct BatchingSpec {
  int64_t max_batch_size = 0;  // 0: the model has no batch dimension, one request per run
  bool dynamic = true;         // false: a request is run alone even if it could be batched
  std::vector<int64_t> preferred_batch_sizes;
  Duration max_queue_delay{0};  // 0: never wait for company
};

struct ModelSpec {
  std::string name;
  int64_t version = 1;
  std::vector<TensorSpec> inputs;   // order of validation, gathering and binding
  std::vector<TensorSpec> outputs;  // order of responses when a request names none
  ExecutionSpec execution;
  BatchingSpec batching;
  int instance_count = 1;         // execution slots
  int64_t max_queue_size = 1024;  // requests; further ones get RESOURCE_EXHAUSTED

  bool batched() const { return batching.max_batch_size > 0; }
};

}  // namespace skein

// What the control plane decided about one version of one model. A value: the data plane never
// changes it, and every default has been filled in by the time it gets here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/columns_spec.h"
#include "base/image_spec.h"
#include "base/tensor.h"
#include "base/text_spec.h"

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
  bool cuda_graph = false;                     // cuda only: kernels are launched as one graph
  std::string profile_prefix;  // where ONNX Runtime writes a profile of the runs; empty: none

  bool on_gpu() const { return provider == "cuda" || provider == "tensorrt"; }
  friend bool operator==(const ExecutionSpec&, const ExecutionSpec&) = default;
};

struct BatchingSpec {
  int64_t max_batch_size = 0;  // 0: the model has no batch dimension, one request per run
  bool dynamic = true;         // false: a request is run alone even if it could be batched
  std::vector<int64_t> preferred_batch_sizes;
  // Sizes that run at once, where the first run of any other is slow: batches are cut back to one
  // of them where requests allow, and a GPU fills up the others. Ascending; empty: all are equal.
  std::vector<int64_t> warm_batch_sizes;
  Duration max_queue_delay{0};  // 0: never wait for company
  // Within so long a request without a deadline should be answered: orders requests, sizes
  // batches, and is what a batch may wait in for company. 0: no target, nobody waits.
  Duration latency_target{0};
};

// How long requests of one priority level wait, and how many of them.
struct QueuePolicy {
  Duration timeout{0};            // of waiting; 0: none
  bool delays = false;            // past it: run when nothing else of the level waits; else refused
  bool timeout_override = false;  // a shorter timeout parameter of a request replaces it
  int64_t max_size = 0;           // requests; 0: ModelSpec::max_queue_size alone limits them
};

// Which requests go first. A request asks for a level by its priority parameter.
struct PrioritySpec {
  int levels = 0;                     // 1 is served first; 0: there are none
  int default_level = 0;              // of requests that ask for none; 1 to levels
  std::vector<QueuePolicy> policies;  // by level - 1; one entry without levels; empty: no limits
};

// Requests whose dynamic dimensions differ share a batch: rows are padded at the end to the
// longest of the batch, outputs cut back. Needs a batch dimension. The length of a request is the
// size of the dynamic dimensions (all equal) of its padded inputs.
struct PaddingSpec {
  struct Input {
    uint32_t index = 0;  // into ModelSpec::inputs
    double value = 0;    // of the padding, converted to the input's datatype; not for BYTES
  };
  std::vector<Input> inputs;  // empty: shapes are exact
  // Input that tells data (1) from padding (0); made where a request lacks it. -1: there is none.
  int mask = -1;
  std::vector<uint32_t> outputs;  // indices of outputs whose dynamic dimensions are the length
  std::vector<int64_t> buckets;   // ascending; lengths up to the same bound share batches

  bool enabled() const { return !inputs.empty(); }
};

struct TextSource {
  TextSpec spec;
  std::string tokenizer;  // contents of a Hugging Face tokenizer.json
};

// What clients may send in place of some tensors of the model, which are made from it.
struct RawGroup {
  // Indices into ModelSpec::inputs; of text the ids, then mask and types where the model has them.
  std::vector<uint32_t> makes;
  // Ways to send it, as indices into ModelSpec::raw_inputs. A request uses one of them, or sends
  // the tensors themselves.
  std::vector<std::vector<uint32_t>> ways;
  // How they are made; not null. Ways of an image: encoded files, pixels; of columns: one tensor
  // per column, JSON objects; of text: the text. Shared by the copies of a specification.
  std::variant<std::shared_ptr<const ImageSpec>, std::shared_ptr<const ColumnsSpec>,
               std::shared_ptr<const TextSource>>
      how;
};

// What becomes of one output before it is answered.
struct PostprocessSpec {
  bool softmax = false;  // probabilities over the last axis; floating-point outputs only
  // By class, for answers by classification; null, too short or empty: none.
  std::shared_ptr<const std::vector<std::string>> labels;
};

struct ModelSpec {
  std::string name;
  int64_t version = 1;
  std::vector<TensorSpec> inputs;   // order of validation, gathering and binding
  std::vector<TensorSpec> outputs;  // order of responses when a request names none
  ExecutionSpec execution;
  BatchingSpec batching;
  int instance_count = 1;  // execution slots
  // Of accelerators: slot i runs on the (i mod size)-th. Empty: all on execution.device_id.
  std::vector<int> device_ids;
  int64_t max_queue_size = 1024;  // requests; further ones get RESOURCE_EXHAUSTED
  PrioritySpec priority;
  bool preserve_ordering = false;  // answers leave in the order in which requests came
  double weight = 1;               // share of the device beside other models; > 0
  PaddingSpec padding;
  // What may be sent in place of inputs; several may have one name, and that of an input: the
  // datatype, or else the shape, tells them apart. Each belongs to one group.
  std::vector<TensorSpec> raw_inputs;
  std::vector<RawGroup> raw_groups;
  std::vector<PostprocessSpec> postprocess;  // one per output; empty: there is nothing to do

  bool batched() const { return batching.max_batch_size > 0; }
};

}  // namespace skein

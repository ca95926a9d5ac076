// The tensors of one request as the client wrote them: names resolved against the model, nothing
// else judged yet.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/model_spec.h"
#include "base/status.h"
#include "base/tensor.h"
#include "protocol/infer_request.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// One ModelInferRequest.InferInputTensor. Views see the message's bytes.
struct RequestInput {
  Bytes message;                      // the whole tensor message: typed contents are read from here
  const std::byte* origin = nullptr;  // first byte of the request, for offsets in errors
  std::string_view name;
  std::string_view datatype;
  Shape shape;           // the first kMaxRank dimensions
  size_t rank = 0;       // how many dimensions came
  int64_t elements = 0;  // of the shape, once it has been checked
  bool has_contents = false;
  bool raw = false;         // sent in place of tensors
  uint32_t spec_index = 0;  // into ModelSpec::inputs, or raw_inputs

  const TensorSpec& declared(const ModelSpec& spec) const {
    return raw ? spec.raw_inputs[spec_index] : spec.inputs[spec_index];
  }
};

struct RequestTensors {
  std::vector<RequestInput> inputs;  // in the client's order
  std::vector<Bytes> raw;            // raw_input_contents, at most one more than the model's inputs
  size_t raw_count = 0;              // how many came
  std::vector<uint8_t> claimed;      // by spec index: the client sent this input
  std::vector<uint8_t> claimed_raw;  // the same of ModelSpec::raw_inputs

  void reset(const ModelSpec& spec);  // keeps capacity
};

// Fills `tensors` and, of `request`, what is wanted of the outputs. Refuses unknown and duplicate
// names at once, so that both stay as small as the model.
Status read_tensors(Bytes message, const ModelSpec& spec, RequestTensors& tensors,
                    InferRequest& request);

}  // namespace skein::protocol

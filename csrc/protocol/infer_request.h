// ModelInferRequest (Open Inference Protocol), read in place: the tensor bytes are never copied.
// Two steps, so that admission can refuse before any tensor is looked at.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/model_spec.h"
#include "base/status.h"
#include "base/tensor.h"

namespace skein::protocol {

// What routing and admission need. Views see the message's bytes.
struct RequestHead {
  std::string_view model_name;
  std::string_view model_version;  // "" = the server chooses
  std::string_view id;
  uint64_t timeout_us = 0;                 // request parameter "timeout"; 0: none
  uint64_t priority = 0;                   // request parameter "priority"; 0: the model's default
  std::span<const std::byte> first_input;  // the tensor message, not looked into

  // The first dimension of the first input, for admission: a claim that nobody has checked. 1 where
  // there is none.
  int64_t claimed_rows() const;
};

// Walks the top-level fields only. A message that is no protobuf at all: INTERNAL, as gRPC's own
// servers say. Bad UTF-8 in a string: INTERNAL likewise. A parameter of the wrong kind:
// INVALID_ARGUMENT.
Result<RequestHead> read_head(std::span<const std::byte> message);

// A validated request. Views see the message's bytes, or `converted` for typed contents that had
// to be rewritten; both must outlive it.
struct InferRequest {
  // One per ModelSpec::inputs, in that order. The mask of padding, if it was left out, has its
  // shape but is null. What is made from raw inputs is empty.
  std::vector<TensorView> inputs;
  std::vector<TensorView> raw;  // one per ModelSpec::raw_inputs; null where it was not sent
  // One per ModelSpec::raw_groups: in which of its ways it was sent; -1: in none, but as tensors.
  std::vector<int8_t> ways;
  std::vector<uint32_t> outputs;  // indices into ModelSpec::outputs, in the requested order
  // One per `outputs`: the best so many classes are wanted; 0: the tensor itself is.
  std::vector<uint32_t> classes;
  int64_t rows = 1;    // size of the batch dimension; 1 without batching
  int64_t length = 0;  // of a model with padding: see PaddingSpec
  std::vector<Ref<Buffer>> converted;

  void clear();  // keeps capacity
};

// Validates everything the client said against the spec; on success `request` holds only what
// the model can run. Errors are INVALID_ARGUMENT and name the tensor, what was expected and what
// came (UNIMPLEMENTED for shared memory).
Status parse(std::span<const std::byte> message, const ModelSpec& spec, InferRequest& request);

}  // namespace skein::protocol

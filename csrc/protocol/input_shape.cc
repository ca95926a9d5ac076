#include "protocol/input_shape.h"

#include "protocol/wording.h"

namespace skein::protocol {
namespace {

std::string got_shape(const RequestInput& input) {
  std::string text = to_string(input.shape);
  if (input.rank > input.shape.rank()) {
    text.back() = ',';
    text += "...] of rank " + std::to_string(input.rank);
  }
  return text;
}

Status wrong_shape(const RequestInput& input, const ModelSpec& spec, const std::string& why) {
  const TensorSpec& expected = input.declared(spec);
  std::string batch = spec.batched() ? " (the first dimension is the batch)" : "";
  return invalid_argument(input_label(input.name, spec) + ": expected shape " +
                          to_string(expected.dims) + batch + ", got " + got_shape(input) + ": " +
                          why);
}

// One value per row may be sent without its inner dimension.
void add_inner_dimension(RequestInput& input, const ModelSpec& spec) {
  const Shape& expected = input.declared(spec).dims;
  if (!input.raw || input.rank != 1 || expected.rank() != 2 || expected[1] != 1) return;
  input.shape.push_back(1);
  ++input.rank;
}

Status check_dims(const RequestInput& input, const ModelSpec& spec) {
  const Shape& expected = input.declared(spec).dims;
  if (input.rank != expected.rank()) {
    return wrong_shape(input, spec,
                       "send " + std::to_string(expected.rank()) + " dimensions, not " +
                           std::to_string(input.rank));
  }
  for (size_t axis = 0; axis < expected.rank(); ++axis) {
    int64_t dim = input.shape[axis];
    if (dim < 0) {
      return wrong_shape(input, spec,
                         "dimension " + std::to_string(axis) +
                             " is negative; -1 stands for any size only in the model's metadata");
    }
    if (expected[axis] >= 0 && dim != expected[axis]) {
      return wrong_shape(
          input, spec,
          "dimension " + std::to_string(axis) + " must be " + std::to_string(expected[axis]));
    }
  }
  return {};
}

}  // namespace

Status check_shape(RequestInput& input, const ModelSpec& spec) {
  const TensorSpec& expected = input.declared(spec);
  if (input.datatype != name(expected.dtype)) {
    return invalid_argument(input_label(input.name, spec) + ": expected datatype " +
                            datatypes_of(input.name, spec) + ", got " + quote(input.datatype));
  }
  add_inner_dimension(input, spec);
  if (Status status = check_dims(input, spec); !status.ok()) return status;
  std::optional<int64_t> count = element_count(input.shape.dims());
  if (!count) return wrong_shape(input, spec, "that is more than 2^62 elements");
  input.elements = *count;
  return {};
}

Status check_rows(const RequestTensors& tensors, const ModelSpec& spec, int64_t& rows) {
  rows = 1;
  if (!spec.batched() || tensors.inputs.empty()) return {};
  const RequestInput& first = tensors.inputs.front();
  for (const RequestInput& input : tensors.inputs) {
    if (input.shape[0] != first.shape[0]) {
      return invalid_argument(input_label(input.name, spec) + " has " +
                              std::to_string(input.shape[0]) + " rows, but input " +
                              quote(first.name) + " has " + std::to_string(first.shape[0]) +
                              "; the first dimension is the batch and must be the same for all");
    }
  }
  rows = first.shape[0];
  int64_t limit = spec.batching.max_batch_size;
  if (rows >= 1 && rows <= limit) return {};
  return invalid_argument(input_label(first.name, spec) + ": a batch of " + std::to_string(rows) +
                          " rows, but max_batch_size is " + std::to_string(limit) + "; send 1 to " +
                          std::to_string(limit) +
                          " rows per request or raise max_batch_size in the model's "
                          "configuration");
}

}  // namespace skein::protocol

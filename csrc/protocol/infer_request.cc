#include "protocol/infer_request.h"

#include <numeric>

#include "base/padding.h"
#include "protocol/input_length.h"
#include "protocol/input_shape.h"
#include "protocol/raw_contents.h"
#include "protocol/raw_input.h"
#include "protocol/request_tensors.h"
#include "protocol/typed_contents.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

bool is_mask(const ModelSpec& spec, size_t input) {
  return spec.padding.enabled() && spec.padding.mask >= 0 &&
         input == static_cast<size_t>(spec.padding.mask);
}

Status check_complete(const RequestTensors& tensors, const ModelSpec& spec) {
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (tensors.claimed[i] != 0 || is_mask(spec, i)) continue;
    return invalid_argument("the request lacks " + input_label(spec.inputs[i].name, spec) +
                            "; expected inputs: " + input_listing(spec));
  }
  return {};
}

// Raw contents belong to the inputs by position, so they come for all inputs or for none.
Status check_raw_count(const RequestTensors& tensors, const ModelSpec& spec) {
  if (tensors.raw_count == 0) return {};
  for (const RequestInput& input : tensors.inputs) {
    if (!input.has_contents) continue;
    return invalid_argument(input_label(input.name, spec) +
                            " has typed contents, but the request also has raw_input_contents; "
                            "use one of the two for all inputs");
  }
  if (tensors.raw_count == tensors.inputs.size()) return {};
  return invalid_argument("model " + quote(spec.name) +
                          ": expected one raw_input_contents for "
                          "each of the " +
                          std::to_string(tensors.inputs.size()) + " inputs, got " +
                          std::to_string(tensors.raw_count));
}

Status check_shapes(RequestTensors& tensors, const ModelSpec& spec) {
  for (RequestInput& input : tensors.inputs) {
    if (Status status = check_shape(input, spec); !status.ok()) return status;
  }
  return {};
}

Status view_input(const RequestTensors& tensors, size_t position, const ModelSpec& spec,
                  InferRequest& request) {
  const RequestInput& input = tensors.inputs[position];
  TensorView& view = (input.raw ? request.raw : request.inputs)[input.spec_index];
  view.dtype = input.declared(spec).dtype;
  view.shape = input.shape;
  if (tensors.raw_count > 0) return view_raw(input, tensors.raw[position], spec, view);
  if (!input.has_contents && input.elements > 0) {
    return invalid_argument(input_label(input.name, spec) + " has no data: put " +
                            std::to_string(input.elements) + " elements into " +
                            where_data_goes(view.dtype));
  }
  return view_typed(input, spec, view, request.converted);
}

Status view_inputs(const RequestTensors& tensors, const ModelSpec& spec, InferRequest& request) {
  request.inputs.resize(spec.inputs.size());
  request.raw.resize(spec.raw_inputs.size());
  for (size_t position = 0; position < tensors.inputs.size(); ++position) {
    Status status = view_input(tensors, position, spec, request);
    if (!status.ok()) return status;
  }
  return {};
}

// The view of a mask that was left out: its shape follows from rows and length.
Status complete_mask(const RequestTensors& tensors, const ModelSpec& spec, InferRequest& request) {
  if (!spec.padding.enabled() || spec.padding.mask < 0) return {};
  auto index = static_cast<size_t>(spec.padding.mask);
  if (tensors.claimed[index] != 0) return {};
  const TensorSpec& mask = spec.inputs[index];
  Shape shape = with_length(mask.dims, mask.dims, request.length);
  shape[0] = request.rows;
  request.inputs[index] = {.dtype = mask.dtype, .shape = shape};
  if (element_count(shape.dims())) return {};
  return invalid_argument(input_label(mask.name, spec) + " would be made with shape " +
                          to_string(shape) + ": that is more than 2^62 elements");
}

}  // namespace

void InferRequest::clear() {
  inputs.clear();
  raw.clear();
  ways.clear();
  outputs.clear();
  classes.clear();
  rows = 1;
  length = 0;
  converted.clear();
}

Status parse(std::span<const std::byte> message, const ModelSpec& spec, InferRequest& request) {
  thread_local RequestTensors tensors;  // working space, as large as the largest model needs
  tensors.reset(spec);
  request.clear();
  Status status = read_tensors(message, spec, tensors, request);
  if (status.ok() && !spec.raw_groups.empty()) status = choose_ways(tensors, spec, request);
  if (status.ok()) status = check_complete(tensors, spec);
  if (status.ok()) status = check_raw_count(tensors, spec);
  if (status.ok()) status = check_shapes(tensors, spec);
  if (status.ok()) status = check_rows(tensors, spec, request.rows);
  if (status.ok()) status = check_lengths(tensors, spec, request.length);
  if (status.ok()) status = view_inputs(tensors, spec, request);
  if (status.ok()) status = complete_mask(tensors, spec, request);
  if (status.ok() && request.outputs.empty()) {
    request.outputs.resize(spec.outputs.size());
    std::iota(request.outputs.begin(), request.outputs.end(), 0u);
    request.classes.resize(spec.outputs.size());
  }
  return status;
}

}  // namespace skein::protocol

#include "protocol/request_input.h"

#include "protocol/fields.h"
#include "protocol/parameter.h"
#include "protocol/raw_input.h"
#include "protocol/tensor_parameters.h"
#include "protocol/utf8.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

void add_dim(uint64_t dim, RequestInput& input) {
  if (!input.shape.full()) input.shape.push_back(static_cast<int64_t>(dim));
  ++input.rank;
}

Status add_packed_dims(Bytes packed, RequestInput& input) {
  const std::byte* at = packed.data();
  const std::byte* end = at + packed.size();
  while (at != end) {
    uint64_t dim;
    if (!read_varint(at, end, dim)) {
      return malformed("the packed shape of an input is cut off or holds an overlong varint");
    }
    add_dim(dim, input);
  }
  return {};
}

Status read_field(const Field& field, RequestInput& input, TensorParameters& parameters) {
  switch (field.tag) {
    case tag_of(input_tensor::kName, WireType::kBytes):
      if (!read_text(field.bytes, input.name)) return bad_utf8("inputs.name");
      break;
    case tag_of(input_tensor::kDatatype, WireType::kBytes):
      if (!read_text(field.bytes, input.datatype)) return bad_utf8("inputs.datatype");
      break;
    case tag_of(input_tensor::kShape, WireType::kBytes):
      return add_packed_dims(field.bytes, input);
    case tag_of(input_tensor::kShape, WireType::kVarint):
      add_dim(field.value, input);
      break;
    case tag_of(input_tensor::kParameters, WireType::kBytes):
      return parameters.read(field.bytes, input.origin);
    case tag_of(input_tensor::kContents, WireType::kBytes):
      input.has_contents = true;
      break;
    default:
      break;
  }
  return {};
}

Status read_fields(RequestInput& input, TensorParameters& parameters) {
  WireReader reader(input.message, input.origin);
  Field field;
  while (reader.next(field)) {
    if (Status status = read_field(field, input, parameters); !status.ok()) return status;
  }
  return reader.status();
}

// Clients mostly keep the model's order, so the search starts at the position in the request.
bool find_tensor(const ModelSpec& spec, size_t position, RequestInput& input) {
  size_t count = spec.inputs.size();
  for (size_t step = 0; step < count; ++step) {
    size_t index = (position + step) % count;
    if (spec.inputs[index].name == input.name) {
      input.spec_index = static_cast<uint32_t>(index);
      return true;
    }
  }
  return false;
}

}  // namespace

Status add_input(Bytes message, const std::byte* origin, const ModelSpec& spec,
                 RequestTensors& tensors) {
  size_t position = tensors.inputs.size();
  RequestInput& input = tensors.inputs.emplace_back();
  input.message = message;
  input.origin = origin;
  TensorParameters parameters;
  if (Status status = read_fields(input, parameters); !status.ok()) return status;
  bool found = find_tensor(spec, position, input);
  if (!spec.raw_inputs.empty()) found = find_raw(spec, position, found, input);
  if (!found) {
    return invalid_argument("model " + quote(spec.name) + " has no input " + quote(input.name) +
                            "; its inputs are " + input_listing(spec));
  }
  auto& claimed = input.raw ? tensors.claimed_raw : tensors.claimed;
  if (claimed[input.spec_index]++ != 0) {
    return invalid_argument(input_label(input.name, spec) + " is given twice; send it once");
  }
  return refuse_shared_memory(parameters, [&] { return input_label(input.name, spec); });
}

}  // namespace skein::protocol

#include "protocol/raw_input.h"

#include <algorithm>

#include "protocol/wording.h"

namespace skein::protocol {
namespace {

bool same_datatype(const RequestInput& input, const TensorSpec& declared) {
  return input.datatype == name(declared.dtype);
}

bool fits(const RequestInput& input, const TensorSpec& declared) {
  if (!same_datatype(input, declared) || input.rank != declared.dims.rank()) return false;
  for (size_t axis = 0; axis < input.rank; ++axis) {
    if (declared.dims[axis] >= 0 && declared.dims[axis] != input.shape[axis]) return false;
  }
  return true;
}

// A raw input of the name for which `agrees` holds. Clients mostly keep the model's order.
template <class Agrees>
bool settle_first(const ModelSpec& spec, size_t position, RequestInput& input, Agrees agrees) {
  size_t count = spec.raw_inputs.size();
  for (size_t step = 0; step < count; ++step) {
    size_t index = (position + step) % count;
    const TensorSpec& declared = spec.raw_inputs[index];
    if (declared.name != input.name || !agrees(input, declared)) continue;
    input.raw = true;
    input.spec_index = static_cast<uint32_t>(index);
    return true;
  }
  return false;
}

bool claims(const RequestTensors& tensors, const std::vector<uint32_t>& way) {
  return std::ranges::any_of(way, [&](uint32_t raw) { return tensors.claimed_raw[raw] != 0; });
}

std::string_view first_claimed(const RequestTensors& tensors, const ModelSpec& spec,
                               const std::vector<uint32_t>& way) {
  auto found = std::ranges::find_if(way, [&](uint32_t r) { return tensors.claimed_raw[r] != 0; });
  return spec.raw_inputs[*found].name;
}

Status choose_way(const RequestTensors& tensors, const ModelSpec& spec, const RawGroup& group,
                  int8_t& chosen) {
  chosen = -1;
  for (size_t way = 0; way < group.ways.size(); ++way) {
    if (!claims(tensors, group.ways[way])) continue;
    if (chosen >= 0) {
      auto other = first_claimed(tensors, spec, group.ways[static_cast<size_t>(chosen)]);
      return invalid_argument(input_label(first_claimed(tensors, spec, group.ways[way]), spec) +
                              " and input " + quote(other) + " say the same in two ways (" +
                              quote(spec.inputs[group.makes[0]].name) +
                              " is made from either); send one of them");
    }
    chosen = static_cast<int8_t>(way);
  }
  if (chosen < 0) return {};
  for (uint32_t made : group.makes) {
    if (tensors.claimed[made] == 0) continue;
    auto raw = first_claimed(tensors, spec, group.ways[static_cast<size_t>(chosen)]);
    return invalid_argument(input_label(spec.inputs[made].name, spec) + " is made from input " +
                            quote(raw) + ", but both are sent; send one of them");
  }
  return {};
}

}  // namespace

bool find_raw(const ModelSpec& spec, size_t position, bool is_tensor, RequestInput& input) {
  if (is_tensor && fits(input, spec.inputs[input.spec_index])) return true;
  if (settle_first(spec, position, input, fits)) return true;
  if (is_tensor && same_datatype(input, spec.inputs[input.spec_index])) return true;
  if (settle_first(spec, position, input, same_datatype)) return true;
  return is_tensor || settle_first(spec, position, input, [](auto&, auto&) { return true; });
}

Status choose_ways(RequestTensors& tensors, const ModelSpec& spec, InferRequest& request) {
  request.ways.assign(spec.raw_groups.size(), -1);
  for (size_t i = 0; i < spec.raw_groups.size(); ++i) {
    const RawGroup& group = spec.raw_groups[i];
    Status status = choose_way(tensors, spec, group, request.ways[i]);
    if (!status.ok()) return status;
    if (request.ways[i] < 0) continue;
    for (uint32_t made : group.makes) tensors.claimed[made] = 1;
  }
  return {};
}

}  // namespace skein::protocol

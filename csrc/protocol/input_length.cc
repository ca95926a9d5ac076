#include "protocol/input_length.h"

#include "base/padding.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

Status different(const RequestInput& first, int64_t length, const RequestInput& input, size_t axis,
                 const ModelSpec& spec) {
  return invalid_argument(input_label(input.name, spec) + " has the shape " +
                          to_string(input.shape) + ": its dimension " + std::to_string(axis) +
                          " must be " + std::to_string(length) + ", the length of input " +
                          quote(first.name) + " of shape " + to_string(first.shape) +
                          "; the dynamic dimensions of padded inputs must all be equal");
}

}  // namespace

Status check_lengths(const RequestTensors& tensors, const ModelSpec& spec, int64_t& length) {
  length = 0;
  if (!spec.padding.enabled()) return {};
  const RequestInput* first = nullptr;
  for (const RequestInput& input : tensors.inputs) {
    if (input.raw || !is_padded(spec.padding, input.spec_index)) continue;
    const Shape& declared = spec.inputs[input.spec_index].dims;
    for (size_t axis = 1; axis < declared.rank(); ++axis) {
      if (declared[axis] >= 0) continue;
      if (first == nullptr) {
        first = &input;
        length = input.shape[axis];
      } else if (input.shape[axis] != length) {
        return different(*first, length, input, axis, spec);
      }
    }
  }
  return {};
}

}  // namespace skein::protocol

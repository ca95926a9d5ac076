#include "runtime/padding_check.h"

#include <algorithm>
#include <string>

#include "runtime/element_values.h"

namespace skein::runtime {
namespace {

// The dynamic dimensions but the first.
int64_t lengths_in(const TensorSpec& tensor) {
  if (tensor.dims.rank() == 0) return 0;
  return std::count_if(tensor.dims.begin() + 1, tensor.dims.end(),
                       [](int64_t dim) { return dim < 0; });
}

Status wrong(const TensorSpec& tensor, const std::string& why) {
  return invalid_argument("padding: '" + tensor.name + "' " + why);
}

Status check_tensor(const TensorSpec& tensor) {
  if (tensor.dtype == DType::kBytes)
    return wrong(tensor, "is BYTES, which cannot be padded or cut");
  if (lengths_in(tensor) > 0) return {};
  return wrong(tensor, "has the shape " + to_string(tensor.dims) +
                           ", without a dynamic dimension besides the batch");
}

Status check_input(const TensorSpec& tensor, double value) {
  if (Status status = check_tensor(tensor); !status.ok()) return status;
  // A request's bytes bound its length.
  if (std::ranges::count(tensor.dims.dims(), 0) > 0) {
    return wrong(tensor, "has a dimension of 0, so its length has no bound");
  }
  if (holds(tensor.dtype, value)) return {};
  return wrong(tensor, "cannot be padded with " + std::to_string(value) + ": no value of " +
                           std::string(name(tensor.dtype)));
}

Status check_mask(const ModelSpec& spec) {
  int mask = spec.padding.mask;
  if (mask < 0) return {};
  if (static_cast<size_t>(mask) >= spec.inputs.size()) {
    return invalid_argument("padding: there is no input " + std::to_string(mask));
  }
  const TensorSpec& tensor = spec.inputs[static_cast<size_t>(mask)];
  for (const PaddingSpec::Input& input : spec.padding.inputs) {
    if (input.index != static_cast<size_t>(mask)) continue;
    return wrong(tensor, "is the mask, which is padded with 0: do not list it as an input");
  }
  return check_input(tensor, 0);
}

}  // namespace

Status check_padding(const ModelSpec& spec) {
  if (!spec.padding.enabled()) return {};
  if (!spec.batched()) {
    return invalid_argument("padding needs a batch dimension: set max_batch_size to 1 or more");
  }
  for (const PaddingSpec::Input& input : spec.padding.inputs) {
    if (input.index >= spec.inputs.size()) {
      return invalid_argument("padding: there is no input " + std::to_string(input.index));
    }
    Status status = check_input(spec.inputs[input.index], input.value);
    if (!status.ok()) return status;
  }
  for (uint32_t output : spec.padding.outputs) {
    if (output >= spec.outputs.size()) {
      return invalid_argument("padding: there is no output " + std::to_string(output));
    }
    if (Status status = check_tensor(spec.outputs[output]); !status.ok()) return status;
  }
  if (!std::ranges::is_sorted(spec.padding.buckets)) {
    return invalid_argument("padding: the buckets must ascend");
  }
  return check_mask(spec);
}

}  // namespace skein::runtime

#include "runtime/spec_check.h"

#include <algorithm>

#include "runtime/padding_check.h"

namespace skein::runtime {
namespace {

const TensorSpec* find(const std::vector<TensorSpec>& tensors, const std::string& name) {
  auto found = std::find_if(tensors.begin(), tensors.end(),
                            [&](const TensorSpec& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string names(const std::vector<TensorSpec>& tensors) {
  std::string text;
  for (const TensorSpec& tensor : tensors) text += (text.empty() ? "'" : ", '") + tensor.name + "'";
  return text;
}

// A rank of 0 in the file is a scalar or a shape it does not state: ONNX Runtime does not tell.
bool compatible(const Shape& configured, const Shape& in_file) {
  if (in_file.rank() == 0) return true;
  if (configured.rank() != in_file.rank()) return false;
  for (size_t axis = 0; axis < in_file.rank(); ++axis) {
    bool fixed = configured[axis] >= 0 && in_file[axis] >= 0;
    if (fixed && configured[axis] != in_file[axis]) return false;
  }
  return true;
}

Status check_tensor(const char* kind, const TensorSpec& configured,
                    const std::vector<TensorSpec>& in_file, bool batched) {
  std::string label = std::string(kind) + " '" + configured.name + "'";
  const TensorSpec* found = find(in_file, configured.name);
  if (found == nullptr) {
    return invalid_argument(label + " is not in the model file; it has " + names(in_file));
  }
  if (found->dtype != configured.dtype) {
    return invalid_argument(label + " is configured as " + std::string(name(configured.dtype)) +
                            ", the model file says " + std::string(name(found->dtype)));
  }
  if (!compatible(configured.dims, found->dims)) {
    return invalid_argument(label + " is configured with shape " + to_string(configured.dims) +
                            ", the model file says " + to_string(found->dims));
  }
  if (batched && found->dims.rank() > 0 && found->dims[0] != -1) {
    return invalid_argument(label + " has the fixed first dimension " +
                            std::to_string(found->dims[0]) +
                            " in the model file, so it cannot be batched: set max_batch_size to 0 "
                            "or export the model with a dynamic first dimension");
  }
  if (batched && configured.dims.rank() == 0) {
    return invalid_argument(label +
                            " is a scalar, so it cannot be batched: set max_batch_size to 0");
  }
  return {};
}

}  // namespace

Status check_spec(const Session& session, const ModelSpec& spec) {
  for (const TensorSpec& input : spec.inputs) {
    Status status = check_tensor("input", input, session.inputs(), spec.batched());
    if (!status.ok()) return status;
  }
  for (const TensorSpec& output : spec.outputs) {
    Status status = check_tensor("output", output, session.outputs(), spec.batched());
    if (!status.ok()) return status;
  }
  for (const TensorSpec& input : session.inputs()) {
    if (find(spec.inputs, input.name) == nullptr) {
      return invalid_argument("input '" + input.name +
                              "' of the model file is not configured; add it");
    }
  }
  if (spec.outputs.empty()) return invalid_argument("no output is configured");
  return check_padding(spec);
}

}  // namespace skein::runtime

// ONNX Runtime's description of tensors in our terms.
#pragma once

#include <string>
#include <vector>

#include "base/model_spec.h"
#include "base/status.h"
#include "runtime/ort.h"

namespace skein::runtime {

ONNXTensorElementDataType onnx_type(DType dtype);
// nullopt: a type that the protocol cannot carry.
std::optional<DType> dtype_of(ONNXTensorElementDataType type);

// One input or output of a model file. Symbols name its dimensions; "" is a fixed or unnamed one.
struct Port {
  TensorSpec spec;
  std::vector<std::string> symbols;
};

enum class Side { kInput, kOutput };

// All inputs, or all outputs, in the file's order. INVALID_ARGUMENT naming the tensor that no
// request could carry: a sequence, map or optional, an unknown element type, too many dimensions.
Result<std::vector<Port>> describe_ports(const OrtSession* session, Side side);

}  // namespace skein::runtime

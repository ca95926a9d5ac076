#include "runtime/tensor_types.h"

#include <array>

namespace skein::runtime {
namespace {

// In the order of DType.
constexpr std::array<ONNXTensorElementDataType, kDTypeCount> kOnnxTypes{
    ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,     ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16,   ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64,   ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16,    ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,    ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING};

std::string type_name(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64:
      return "complex64";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128:
      return "complex128";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN:
      return "float8e4m3fn";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ:
      return "float8e4m3fnuz";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2:
      return "float8e5m2";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ:
      return "float8e5m2fnuz";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4:
      return "uint4";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4:
      return "int4";
    default:
      return "ONNX type " + std::to_string(static_cast<int>(type));
  }
}

std::string label(Side side, const std::string& name) {
  return (side == Side::kInput ? "input '" : "output '") + name + "'";
}

Status not_a_tensor(Side side, const std::string& name, ONNXType type) {
  const char* kind = type == ONNX_TYPE_SEQUENCE   ? "a sequence"
                     : type == ONNX_TYPE_MAP      ? "a map"
                     : type == ONNX_TYPE_OPTIONAL ? "an optional"
                                                  : "not a dense tensor";
  return invalid_argument(label(side, name) + " is " + kind +
                          "; only tensors can be served. A classifier made by skl2onnx becomes one "
                          "when converted with options={id(model): {'zipmap': False}}");
}

// Names in both APIs come from the default allocator and are freed there.
Result<std::string> port_name(const OrtSession* session, Side side, size_t index) {
  char* text = nullptr;
  auto get = side == Side::kInput ? ort().SessionGetInputName : ort().SessionGetOutputName;
  Status status = take(get(session, index, default_allocator(), &text));
  if (!status.ok()) return status;
  std::string name(text);
  Handle<OrtStatus> freed(ort().AllocatorFree(default_allocator(), text));
  return name;
}

Result<Port> describe_tensor(const OrtTensorTypeAndShapeInfo* info, Side side, std::string name) {
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  Status status = take(ort().GetTensorElementType(info, &type));
  if (!status.ok()) return status;
  std::optional<DType> dtype = dtype_of(type);
  if (!dtype) {
    return invalid_argument(label(side, name) + " has the element type " + type_name(type) +
                            ", which the inference protocol cannot carry; cast it in the model");
  }
  size_t rank = 0;
  if (status = take(ort().GetDimensionsCount(info, &rank)); !status.ok()) return status;
  if (rank > kMaxRank) {
    return invalid_argument(label(side, name) + " has " + std::to_string(rank) +
                            " dimensions; at most " + std::to_string(kMaxRank) + " can be served");
  }
  std::array<int64_t, kMaxRank> dims{};
  if (status = take(ort().GetDimensions(info, dims.data(), rank)); !status.ok()) return status;
  std::array<const char*, kMaxRank> symbols{};
  status = take(ort().GetSymbolicDimensions(info, symbols.data(), rank));
  if (!status.ok()) return status;
  Port port{{std::move(name), *dtype, Shape(std::span<const int64_t>(dims.data(), rank))}, {}};
  for (size_t axis = 0; axis < rank; ++axis) {
    port.spec.dims[axis] = dims[axis] < 0 ? -1 : dims[axis];
    port.symbols.emplace_back(symbols[axis] == nullptr ? "" : symbols[axis]);
  }
  return port;
}

Result<Port> describe_port(const OrtSession* session, Side side, size_t index) {
  Result<std::string> name = port_name(session, side, index);
  if (!name.ok()) return name.status();
  auto get = side == Side::kInput ? ort().SessionGetInputTypeInfo : ort().SessionGetOutputTypeInfo;
  OrtTypeInfo* created = nullptr;
  Status status = take(get(session, index, &created));
  if (!status.ok()) return status;
  Handle<OrtTypeInfo> type_info(created);
  ONNXType type = ONNX_TYPE_UNKNOWN;
  if (status = take(ort().GetOnnxTypeFromTypeInfo(created, &type)); !status.ok()) return status;
  if (type != ONNX_TYPE_TENSOR) return not_a_tensor(side, *name, type);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;  // owned by type_info
  if (status = take(ort().CastTypeInfoToTensorInfo(created, &tensor)); !status.ok()) return status;
  return describe_tensor(tensor, side, *name);
}

}  // namespace

ONNXTensorElementDataType onnx_type(DType dtype) { return kOnnxTypes[static_cast<size_t>(dtype)]; }

std::optional<DType> dtype_of(ONNXTensorElementDataType type) {
  for (size_t i = 0; i < kOnnxTypes.size(); ++i) {
    if (kOnnxTypes[i] == type) return static_cast<DType>(i);
  }
  return std::nullopt;
}

Result<std::vector<Port>> describe_ports(const OrtSession* session, Side side) {
  size_t count = 0;
  auto get = side == Side::kInput ? ort().SessionGetInputCount : ort().SessionGetOutputCount;
  Status status = take(get(session, &count));
  if (!status.ok()) return status;
  std::vector<Port> ports;
  for (size_t index = 0; index < count; ++index) {
    Result<Port> port = describe_port(session, side, index);
    if (!port.ok()) return port.status();
    ports.push_back(std::move(*port));
  }
  return ports;
}

}  // namespace skein::runtime

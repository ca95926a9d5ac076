// Field numbers of the Open Inference Protocol's messages (proto/grpc_service.proto).
#pragma once

#include <cstdint>

namespace skein::protocol {

namespace infer_request {
inline constexpr uint32_t kModelName = 1;
inline constexpr uint32_t kModelVersion = 2;
inline constexpr uint32_t kId = 3;
inline constexpr uint32_t kParameters = 4;
inline constexpr uint32_t kInputs = 5;
inline constexpr uint32_t kOutputs = 6;
inline constexpr uint32_t kRawInputContents = 7;
}  // namespace infer_request

namespace input_tensor {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kDatatype = 2;
inline constexpr uint32_t kShape = 3;
inline constexpr uint32_t kParameters = 4;
inline constexpr uint32_t kContents = 5;
}  // namespace input_tensor

namespace requested_output {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kParameters = 2;
}  // namespace requested_output

namespace tensor_contents {
inline constexpr uint32_t kBool = 1;
inline constexpr uint32_t kInt = 2;
inline constexpr uint32_t kInt64 = 3;
inline constexpr uint32_t kUint = 4;
inline constexpr uint32_t kUint64 = 5;
inline constexpr uint32_t kFp32 = 6;
inline constexpr uint32_t kFp64 = 7;
inline constexpr uint32_t kBytes = 8;
inline constexpr uint32_t kLast = kBytes;
}  // namespace tensor_contents

namespace infer_parameter {
inline constexpr uint32_t kBool = 1;
inline constexpr uint32_t kInt64 = 2;
inline constexpr uint32_t kString = 3;
inline constexpr uint32_t kDouble = 4;
inline constexpr uint32_t kUint64 = 5;
}  // namespace infer_parameter

namespace map_entry {
inline constexpr uint32_t kKey = 1;
inline constexpr uint32_t kValue = 2;
}  // namespace map_entry

namespace infer_response {
inline constexpr uint32_t kModelName = 1;
inline constexpr uint32_t kModelVersion = 2;
inline constexpr uint32_t kId = 3;
inline constexpr uint32_t kOutputs = 5;
inline constexpr uint32_t kRawOutputContents = 6;
}  // namespace infer_response

namespace output_tensor {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kDatatype = 2;
inline constexpr uint32_t kShape = 3;
}  // namespace output_tensor

}  // namespace skein::protocol

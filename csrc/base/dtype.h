// Element types of the Open Inference Protocol, with Triton's BF16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skein {

enum class DType : uint8_t {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kFp32,
  kFp64,
  kBf16,
  kBytes,
};
inline constexpr int kDTypeCount = static_cast<int>(DType::kBytes) + 1;

// The protocol's name, e.g. "FP32".
std::string_view name(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

// Bytes per element; 0 for kBytes, whose elements vary.
size_t element_size(DType dtype);

}  // namespace skein

#include "runtime/element_values.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "base/float16.h"

namespace skein::runtime {
namespace {

template <class T>
void append_as(std::vector<std::byte>& bytes, T value) {
  const auto* data = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), data, data + sizeof value);
}

template <class T>
T load(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

// Integral and within T. The limit above max() is a power of two, so a double holds it exactly.
template <class T>
bool fits(double value) {
  double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
  return std::trunc(value) == value && value >= std::numeric_limits<T>::min() && value < end;
}

// Infinities and NaN are values of every floating-point type.
bool fits_float(double value, double largest) {
  return !std::isfinite(value) || std::abs(value) <= largest;
}

void append_text(std::vector<std::byte>& bytes, double value) {
  std::string text = std::to_string(static_cast<int64_t>(value));
  append_as(bytes, static_cast<uint32_t>(text.size()));
  for (char c : text) bytes.push_back(static_cast<std::byte>(c));
}

}  // namespace

void append_value(std::vector<std::byte>& bytes, DType dtype, double value) {
  switch (dtype) {
    case DType::kBool:
      return append_as(bytes, static_cast<uint8_t>(value != 0));
    case DType::kUint8:
      return append_as(bytes, static_cast<uint8_t>(value));
    case DType::kUint16:
      return append_as(bytes, static_cast<uint16_t>(value));
    case DType::kUint32:
      return append_as(bytes, static_cast<uint32_t>(value));
    case DType::kUint64:
      return append_as(bytes, static_cast<uint64_t>(value));
    case DType::kInt8:
      return append_as(bytes, static_cast<int8_t>(value));
    case DType::kInt16:
      return append_as(bytes, static_cast<int16_t>(value));
    case DType::kInt32:
      return append_as(bytes, static_cast<int32_t>(value));
    case DType::kInt64:
      return append_as(bytes, static_cast<int64_t>(value));
    case DType::kFp16:
      return append_as(bytes, float16_of(value).bits);
    case DType::kFp32:
      return append_as(bytes, static_cast<float>(value));
    case DType::kFp64:
      return append_as(bytes, value);
    case DType::kBf16:
      return append_as(bytes, bfloat16_of(value).bits);
    case DType::kBytes:
      return append_text(bytes, value);
  }
}

bool holds(DType dtype, double value) {
  switch (dtype) {
    case DType::kBool:
      return value == 0 || value == 1;
    case DType::kUint8:
      return fits<uint8_t>(value);
    case DType::kUint16:
      return fits<uint16_t>(value);
    case DType::kUint32:
      return fits<uint32_t>(value);
    case DType::kUint64:
      return fits<uint64_t>(value);
    case DType::kInt8:
      return fits<int8_t>(value);
    case DType::kInt16:
      return fits<int16_t>(value);
    case DType::kInt32:
      return fits<int32_t>(value);
    case DType::kInt64:
      return fits<int64_t>(value);
    case DType::kFp16:
      return fits_float(value, 65504);
    case DType::kFp32:
    case DType::kBf16:
      return fits_float(value, std::numeric_limits<float>::max());
    case DType::kFp64:
      return true;
    case DType::kBytes:
      break;
  }
  return false;
}

bool is_float(DType dtype) {
  return dtype == DType::kFp16 || dtype == DType::kFp32 || dtype == DType::kFp64 ||
         dtype == DType::kBf16;
}

double float_at(DType dtype, const std::byte* data) {
  switch (dtype) {
    case DType::kFp16:
      return value_of(load<Float16>(data));
    case DType::kBf16:
      return value_of(load<BFloat16>(data));
    case DType::kFp64:
      return load<double>(data);
    default:
      return load<float>(data);
  }
}

}  // namespace skein::runtime

// Numbers of double precision in the datatype of a model's input, rounded once.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/dtype.h"

namespace skein::preprocess {

struct Half {
  uint16_t bits;
};

// Round to nearest, ties to even. |value| <= 65504 or NaN.
inline Half to_half(double value) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  uint16_t sign = static_cast<uint16_t>(bits >> 48 & 0x8000);
  double magnitude = std::fabs(value);
  if (std::isnan(value)) return {static_cast<uint16_t>(sign | 0x7e00)};
  if (magnitude < 0x1p-14) {  // subnormal: a multiple of 2^-24
    return {
        static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24)))};
  }
  constexpr int kDropped = 42;  // of the 52 bits of the fraction
  uint64_t kept = (bits << 1 >> 1) - (uint64_t{1023 - 15} << 52);
  uint64_t half_way = uint64_t{1} << (kDropped - 1);
  kept += half_way - 1 + (kept >> kDropped & 1);
  return {static_cast<uint16_t>(sign | kept >> kDropped)};
}

template <class T>
T narrowed(double value) {
  return static_cast<T>(value);
}
template <>
inline Half narrowed<Half>(double value) {
  return to_half(value);
}

// Calls `use` with a value of the C++ type that stands for `dtype`; false when no model input
// made of columns can have that datatype.
template <class Use>
bool with_output_type(DType dtype, Use use) {
  switch (dtype) {
    case DType::kFp16:
      return use(Half{}), true;
    case DType::kFp32:
      return use(float{}), true;
    case DType::kFp64:
      return use(double{}), true;
    case DType::kUint8:
      return use(uint8_t{}), true;
    case DType::kUint16:
      return use(uint16_t{}), true;
    case DType::kUint32:
      return use(uint32_t{}), true;
    case DType::kUint64:
      return use(uint64_t{}), true;
    case DType::kInt8:
      return use(int8_t{}), true;
    case DType::kInt16:
      return use(int16_t{}), true;
    case DType::kInt32:
      return use(int32_t{}), true;
    case DType::kInt64:
      return use(int64_t{}), true;
    default:
      return false;
  }
}

inline bool is_real(DType dtype) {
  return dtype == DType::kFp16 || dtype == DType::kFp32 || dtype == DType::kFp64;
}

// The numbers that a datatype holds; whole numbers only as far as a double counts them all.
struct Range {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return value >= low && value <= high; }
};

inline Range range_of(DType dtype) {
  constexpr double kExact = 0x1p53;
  Range range;
  with_output_type(dtype, [&range]<class T>(T) {
    if constexpr (std::is_same_v<T, Half>) {
      range = {-65504, 65504};
    } else {
      range = {static_cast<double>(std::numeric_limits<T>::lowest()),
               static_cast<double>(std::numeric_limits<T>::max())};
    }
  });
  if (is_real(dtype)) return range;
  return {std::fmax(range.low, -kExact), std::fmin(range.high, kExact)};
}

}  // namespace skein::preprocess

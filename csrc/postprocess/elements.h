// Elements of tensors as C++ numbers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/dtype.h"
#include "base/float16.h"

namespace skein::postprocess {

// Possibly unaligned.
template <class T>
T load(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

// The element in a type that computes and holds it exactly.
inline float widened(Float16 value) { return value_of(value); }
inline float widened(BFloat16 value) { return value_of(value); }
inline float widened(float value) { return value; }
inline double widened(double value) { return value; }
inline int64_t widened(std::signed_integral auto value) { return value; }
inline uint64_t widened(std::unsigned_integral auto value) { return value; }

// Whether the elements have an order: neither BYTES nor BOOL.
inline bool is_number(DType dtype) { return dtype != DType::kBytes && dtype != DType::kBool; }

// Calls `visit` with an element of the type, which must be a number.
template <class Visit>
void with_element(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::kUint8:
      return visit(uint8_t{});
    case DType::kUint16:
      return visit(uint16_t{});
    case DType::kUint32:
      return visit(uint32_t{});
    case DType::kUint64:
      return visit(uint64_t{});
    case DType::kInt8:
      return visit(int8_t{});
    case DType::kInt16:
      return visit(int16_t{});
    case DType::kInt32:
      return visit(int32_t{});
    case DType::kInt64:
      return visit(int64_t{});
    case DType::kFp16:
      return visit(Float16{});
    case DType::kBf16:
      return visit(BFloat16{});
    case DType::kFp32:
      return visit(float{});
    case DType::kFp64:
      return visit(double{});
    case DType::kBool:
    case DType::kBytes:
      break;
  }
}

}  // namespace skein::postprocess

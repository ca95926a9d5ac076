// The two floating-point types of 16 bits: IEEE 754 binary16 and bfloat16, as they lie in tensors.
#pragma once

#include <bit>
#include <cstdint>

namespace skein {

struct Float16 {
  uint16_t bits = 0;
};

struct BFloat16 {
  uint16_t bits = 0;
};

// Exact.
inline float value_of(Float16 half) {
  const uint32_t sign = (half.bits & 0x8000u) << 16;
  const uint32_t exponent = half.bits >> 10 & 0x1fu;
  const uint32_t fraction = half.bits & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t rebased = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | rebased << 23 | fraction << 13);
}

// Exact.
inline float value_of(BFloat16 bfloat) { return std::bit_cast<float>(uint32_t{bfloat.bits} << 16); }

// Rounded to nearest; what is too large becomes infinity.
Float16 float16_of(double value);
BFloat16 bfloat16_of(double value);

}  // namespace skein

#include "base/float16.h"

#include <cmath>

namespace skein {

// Sign, 5 bits of exponent (bias 15), 10 of fraction.
Float16 float16_of(double value) {
  if (std::isnan(value)) return {0x7e00};
  uint32_t bits = 0x7c00;  // infinity
  double magnitude = std::abs(value);
  if (magnitude < 0x1p-14) {  // subnormal
    bits = static_cast<uint32_t>(std::nearbyint(magnitude * 0x1p24));
  } else if (magnitude < 65520) {
    int exponent = 0;
    double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1): 11 bits with the leading 1
    bits = static_cast<uint32_t>((exponent + 13) << 10) +
           static_cast<uint32_t>(std::nearbyint(fraction * 0x1p11));
  }
  return {static_cast<uint16_t>(bits | (std::signbit(value) ? 0x8000 : 0))};
}

// binary32 without its last 16 bits.
BFloat16 bfloat16_of(double value) {
  auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  if (!std::isnan(value)) bits += 0x7fff + (bits >> 16 & 1);
  return {static_cast<uint16_t>(bits >> 16)};
}

}  // namespace skein

#include "base/float16.h"

#include <gtest/gtest.h>

#include <cmath>

namespace skein {
namespace {

TEST(Float16, EveryValueSurvivesTheWayToFloatAndBack) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const Float16 half{static_cast<uint16_t>(bits)};
    const BFloat16 bfloat{static_cast<uint16_t>(bits)};
    const bool half_is_nan = (bits & 0x7fff) > 0x7c00;
    const bool bfloat_is_nan = (bits & 0x7fff) > 0x7f80;
    ASSERT_EQ(std::isnan(value_of(half)), half_is_nan) << bits;
    ASSERT_EQ(std::isnan(value_of(bfloat)), bfloat_is_nan) << bits;
    ASSERT_TRUE(half_is_nan || float16_of(value_of(half)).bits == bits) << bits;
    ASSERT_TRUE(bfloat_is_nan || bfloat16_of(value_of(bfloat)).bits == bits) << bits;
  }
}

TEST(Float16, KnownValues) {
  EXPECT_EQ(value_of(Float16{0x3c00}), 1);
  EXPECT_EQ(value_of(Float16{0xfbff}), -65504);
  EXPECT_EQ(value_of(Float16{0x0001}), 0x1p-24f);
  EXPECT_EQ(value_of(BFloat16{0x4049}), 3.140625f);
  EXPECT_TRUE(std::signbit(value_of(Float16{0x8000})));
}

}  // namespace
}  // namespace skein

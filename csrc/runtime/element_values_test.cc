#include "runtime/element_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace skein::runtime {
namespace {

uint16_t bits_of(DType dtype, double value) {
  std::vector<std::byte> bytes;
  append_value(bytes, dtype, value);
  uint16_t bits = 0;
  EXPECT_EQ(bytes.size(), sizeof bits);
  std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

struct NarrowCase {
  double value;
  uint16_t bits;
};

TEST(ElementValues, Fp16RoundsToNearest) {
  const std::vector<NarrowCase> cases = {{0, 0},
                                         {-0.0, 0x8000},
                                         {1, 0x3c00},
                                         {-2, 0xc000},
                                         {65504, 0x7bff},
                                         {65519, 0x7bff},
                                         {65520, 0x7c00},
                                         {-INFINITY, 0xfc00},
                                         {NAN, 0x7e00},
                                         {0x1p-14, 0x0400},
                                         {0x1p-24, 0x0001},
                                         {0x1p-26, 0},
                                         {0.1, 0x2e66},
                                         {1.00048828125, 0x3c00},
                                         {1.0009765625, 0x3c01},
                                         {2047.5, 0x6800}};
  for (const NarrowCase& c : cases) EXPECT_EQ(bits_of(DType::kFp16, c.value), c.bits) << c.value;
}

TEST(ElementValues, Bf16RoundsToNearest) {
  const std::vector<NarrowCase> cases = {{0, 0},        {1, 0x3f80},          {-1, 0xbf80},
                                         {0.1, 0x3dcd}, {1.00390625, 0x3f80}, {-INFINITY, 0xff80},
                                         {NAN, 0x7fc0}};
  for (const NarrowCase& c : cases) EXPECT_EQ(bits_of(DType::kBf16, c.value), c.bits) << c.value;
}

TEST(ElementValues, HoldsTellsTheRange) {
  struct Case {
    DType dtype;
    double value;
    bool held;
  };
  const std::vector<Case> cases = {
      {DType::kBool, 1, true},          {DType::kBool, 2, false},
      {DType::kUint8, 255, true},       {DType::kUint8, 256, false},
      {DType::kUint8, -1, false},       {DType::kInt8, -128, true},
      {DType::kInt8, -129, false},      {DType::kInt32, 0.5, false},
      {DType::kInt64, -0x1p63, true},   {DType::kInt64, 0x1p63, false},
      {DType::kUint64, 0x1p63, true},   {DType::kUint64, 0x1p64, false},
      {DType::kInt64, INFINITY, false}, {DType::kFp16, 65504, true},
      {DType::kFp16, -1e9, false},      {DType::kFp16, -INFINITY, true},
      {DType::kFp32, -1e9, true},       {DType::kFp32, 1e39, false},
      {DType::kFp64, 1e300, true},      {DType::kBytes, 0, false}};
  for (const Case& c : cases) {
    EXPECT_EQ(holds(c.dtype, c.value), c.held) << name(c.dtype) << ' ' << c.value;
  }
}

}  // namespace
}  // namespace skein::runtime

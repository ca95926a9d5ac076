#include "postprocess/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "postprocess/elements.h"

namespace skein::postprocess {
namespace {

template <class T>
std::vector<T> softened(DType dtype, const Shape& shape, std::vector<T> values) {
  auto* data = reinterpret_cast<std::byte*>(values.data());
  softmax({dtype, shape, data, values.size() * sizeof(T)}, data);
  return values;
}

TEST(Softmax, EachLineOfTheLastAxisSumsToOne) {
  std::vector<float> p = softened<float>(DType::kFp32, {2, 1, 3}, {1, 2, 3, 0, 0, 0});
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(p[i], std::exp(i + 1.0) / sum, 1e-7);
    EXPECT_FLOAT_EQ(p[3 + i], 1.0f / 3);
  }
}

TEST(Softmax, LargeScoresDoNotOverflow) {
  std::vector<float> p = softened<float>(DType::kFp32, {3}, {3e38f, 3e38f, -3e38f});
  EXPECT_EQ(p, (std::vector<float>{0.5f, 0.5f, 0}));
  std::vector<double> q = softened<double>(DType::kFp64, {2}, {1000, 1001});
  EXPECT_NEAR(q[1], 1 / (1 + std::exp(-1.0)), 1e-15);
}

TEST(Softmax, SixteenBitsAreRoundedOnce) {
  std::vector<uint16_t> halves = softened<uint16_t>(DType::kFp16, {2}, {0x3c00, 0x4000});  // 1, 2
  std::vector<uint16_t> bfloats = softened<uint16_t>(DType::kBf16, {2}, {0x3f80, 0x4000});
  for (int i = 0; i < 2; ++i) {
    const double expected = 1 / (1 + std::exp(i == 0 ? 1.0 : -1.0));
    EXPECT_EQ(halves[i], float16_of(static_cast<float>(expected)).bits);
    EXPECT_EQ(bfloats[i], bfloat16_of(static_cast<float>(expected)).bits);
  }
}

TEST(Softmax, NanAndInfinitiesAreNumPys) {
  const float inf = std::numeric_limits<float>::infinity();
  for (float odd : {std::nanf(""), inf}) {
    for (float p : softened<float>(DType::kFp32, {2}, {odd, 1})) EXPECT_TRUE(std::isnan(p));
  }
  for (float p : softened<float>(DType::kFp32, {2}, {-inf, -inf})) EXPECT_TRUE(std::isnan(p));
  EXPECT_EQ(softened<float>(DType::kFp32, {2}, {-inf, 1}), (std::vector<float>{0, 1}));
}

TEST(Softmax, OfOneElementIsOneAndOfNoneNothing) {
  EXPECT_EQ(softened<float>(DType::kFp32, {}, {7}), (std::vector<float>{1}));
  EXPECT_EQ(softened<float>(DType::kFp32, {3, 0}, {}), std::vector<float>{});
}

}  // namespace
}  // namespace skein::postprocess

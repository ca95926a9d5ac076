#include "base/corner_copy.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace skein {
namespace {

constexpr int16_t kPad = -1;
constexpr int16_t kData = 1;

std::span<const std::byte> element(const int16_t& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::vector<int16_t> counted(const Shape& shape) {
  std::vector<int16_t> values(static_cast<size_t>(element_count(shape.dims()).value()));
  std::iota(values.begin(), values.end(), 10);
  return values;
}

const std::byte* bytes(const std::vector<int16_t>& values) {
  return reinterpret_cast<const std::byte*>(values.data());
}

std::vector<int16_t> copied(const std::byte* from, const Shape& from_shape, const Shape& to_shape) {
  std::vector<int16_t> to(static_cast<size_t>(element_count(to_shape.dims()).value()), 99);
  CornerCopy{2, element(kPad), element(kData)}(from, from_shape,
                                               reinterpret_cast<std::byte*>(to.data()), to_shape);
  return to;
}

TEST(CornerCopy, PadsAndCutsAtTheEndOfEachAxis) {
  struct Case {
    Shape from, to;
    std::vector<int16_t> values;
  };
  const std::vector<Case> cases = {
      {{4}, {4}, {10, 11, 12, 13}},
      {{2, 2}, {2, 3}, {10, 11, kPad, 12, 13, kPad}},
      {{1, 2, 2}, {1, 3, 3}, {10, 11, kPad, 12, 13, kPad, kPad, kPad, kPad}},
      {{1, 1, 2}, {1, 2, 2}, {10, 11, kPad, kPad}},
      {{2, 1, 1, 2}, {2, 2, 1, 2}, {10, 11, kPad, kPad, 12, 13, kPad, kPad}},
      {{1, 0}, {1, 2}, {kPad, kPad}},
      {{1, 0, 0}, {1, 1, 2}, {kPad, kPad}},
      {{2, 3}, {2, 2}, {10, 11, 13, 14}},
      {{2, 2, 2}, {2, 1, 1}, {10, 14}},
      {{2, 3}, {2, 0}, {}},
      {{1, 3, 2}, {1, 2, 2}, {10, 11, 12, 13}},
      {{2, 3}, {3, 2}, {10, 11, 13, 14, kPad, kPad}}};
  for (const Case& c : cases) {
    std::vector<int16_t> from = counted(c.from);
    EXPECT_EQ(copied(bytes(from), c.from, c.to), c.values)
        << to_string(c.from) << " -> " << to_string(c.to);
  }
}

TEST(CornerCopy, WithoutSourceItMarksWhatWouldBeCopied) {
  EXPECT_EQ(copied(nullptr, {2, 2}, {2, 3}),
            (std::vector<int16_t>{kData, kData, kPad, kData, kData, kPad}));
  EXPECT_EQ(copied(nullptr, {1, 2}, {1, 2}), (std::vector<int16_t>{kData, kData}));
  EXPECT_EQ(copied(nullptr, {1, 0}, {1, 2}), (std::vector<int16_t>{kPad, kPad}));
}

TEST(Fill, RepeatsElementsOfAnySize) {
  const int64_t value = 0x0102030405060708;
  std::vector<int64_t> filled(7, 0);
  auto element = std::as_bytes(std::span(&value, 1));
  fill(reinterpret_cast<std::byte*>(filled.data()), 6 * sizeof(value), element);
  EXPECT_EQ(filled, (std::vector<int64_t>{value, value, value, value, value, value, 0}));
}

TEST(IsPrefix, OnlyWhereNothingLiesBetween) {
  EXPECT_TRUE(is_prefix({1, 2, 8}, {1, 5, 8}));
  EXPECT_TRUE(is_prefix({3, 8}, {5, 8}));
  EXPECT_TRUE(is_prefix({1, 1, 2}, {1, 5, 5}));
  EXPECT_TRUE(is_prefix({2, 4}, {2, 4}));
  EXPECT_FALSE(is_prefix({2, 2, 8}, {2, 5, 8}));
  EXPECT_FALSE(is_prefix({1, 2, 2}, {1, 5, 5}));
}

}  // namespace
}  // namespace skein

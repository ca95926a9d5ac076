#include "postprocess/classification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "postprocess/elements.h"

namespace skein::postprocess {
namespace {

using Texts = std::vector<std::string>;

template <class T>
TensorView view_of(DType dtype, const Shape& shape, const std::vector<T>& values) {
  return {dtype, shape, reinterpret_cast<const std::byte*>(values.data()),
          values.size() * sizeof(T)};
}

Texts texts_of(const Classes& classes) {
  EXPECT_EQ(classes.view.dtype, DType::kBytes);
  Texts texts;
  for (size_t at = 0; at < classes.view.size;) {
    const auto length = load<uint32_t>(classes.view.data + at);
    at += sizeof length;
    texts.emplace_back(reinterpret_cast<const char*>(classes.view.data) + at, length);
    at += length;
  }
  return texts;
}

TEST(Classification, BestOfEachRowComeFirst) {
  const std::vector<float> scores = {1, 5, 10, 4, 0.25f, -2, 0, 1e7f};
  Classes classes = classify(view_of(DType::kFp32, {2, 4}, scores), {.batched = true, .count = 2});
  EXPECT_EQ(to_string(classes.view.shape), "[2,2]");
  EXPECT_EQ(texts_of(classes),
            (Texts{"10.000000:2", "5.000000:1", "10000000.000000:3", "0.250000:0"}));
}

TEST(Classification, WithoutBatchingTheTensorIsOneRow) {
  const std::vector<int32_t> scores = {1, 3, 2, 9, 7, 8};
  Classes classes = classify(view_of(DType::kInt32, {2, 3}, scores), {.count = 2});
  EXPECT_EQ(to_string(classes.view.shape), "[2]");
  EXPECT_EQ(texts_of(classes), (Texts{"9:3", "8:5"}));
  Classes scalar = classify(view_of(DType::kInt32, {}, std::vector<int32_t>{-4}), {.count = 5});
  EXPECT_EQ(to_string(scalar.view.shape), "[1]");
  EXPECT_EQ(texts_of(scalar), (Texts{"-4:0"}));
}

TEST(Classification, InnerAxesAreOneListOfClasses) {
  const std::vector<int8_t> scores = {1, 2, 3, 4, 8, 7, 6, 5};
  Classes classes =
      classify(view_of(DType::kInt8, {2, 2, 2}, scores), {.batched = true, .count = 1});
  EXPECT_EQ(to_string(classes.view.shape), "[2,1]");
  EXPECT_EQ(texts_of(classes), (Texts{"4:3", "8:0"}));
}

TEST(Classification, MoreThanThereAreIsAll) {
  const std::vector<float> scores = {1, 2, 3};
  Classes classes = classify(view_of(DType::kFp32, {1, 3}, scores),
                             {.batched = true, .count = std::numeric_limits<uint32_t>::max()});
  EXPECT_EQ(to_string(classes.view.shape), "[1,3]");
  EXPECT_EQ(texts_of(classes), (Texts{"3.000000:2", "2.000000:1", "1.000000:0"}));
  Classes rank_one = classify(view_of(DType::kFp32, {3}, scores), {.batched = true, .count = 2});
  EXPECT_EQ(to_string(rank_one.view.shape), "[3,1]");
  EXPECT_EQ(texts_of(rank_one), (Texts{"1.000000:0", "2.000000:0", "3.000000:0"}));
}

TEST(Classification, NoElementsAreNoClasses) {
  const std::vector<float> none;
  Classes classes = classify(view_of(DType::kFp32, {2, 0}, none), {.batched = true, .count = 3});
  EXPECT_EQ(to_string(classes.view.shape), "[2,0]");
  EXPECT_EQ(classes.view.size, 0u);
}

TEST(Classification, EqualScoresGoByClassAndNanComesLast) {
  const float nan = std::nanf("");
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> scores = {nan, 2, -nan, 2, -inf, inf, 0.0f, -0.0f};
  Classes classes = classify(view_of(DType::kFp32, {8}, scores), {.count = 8});
  EXPECT_EQ(texts_of(classes), (Texts{"inf:5", "2.000000:1", "2.000000:3", "0.000000:6",
                                      "-0.000000:7", "-inf:4", "nan:0", "nan:2"}));
  const std::vector<int64_t> equal(100, 7);
  EXPECT_EQ(texts_of(classify(view_of(DType::kInt64, {100}, equal), {.count = 3})),
            (Texts{"7:0", "7:1", "7:2"}));
}

TEST(Classification, LabelsFollowTheirClass) {
  const std::vector<float> scores = {1, 4, 3, 2};
  const Texts labels = {"a", "b:c", ""};
  Classes classes = classify(view_of(DType::kFp32, {4}, scores), {.count = 4, .labels = &labels});
  EXPECT_EQ(texts_of(classes),
            (Texts{"4.000000:1:b:c", "3.000000:2", "2.000000:3", "1.000000:0:a"}));
}

template <class T>
void expect_extremes(DType dtype, const std::string& best, const std::string& least) {
  using Limits = std::numeric_limits<T>;
  const std::vector<T> scores = {Limits::lowest(), 1, Limits::max()};
  EXPECT_EQ(texts_of(classify(view_of(dtype, {3}, scores), {.count = 3})),
            (Texts{best + ":2", std::is_floating_point_v<T> ? "1.000000:1" : "1:1", least + ":0"}));
}

TEST(Classification, EveryNumberIsExact) {
  expect_extremes<int8_t>(DType::kInt8, "127", "-128");
  expect_extremes<int16_t>(DType::kInt16, "32767", "-32768");
  expect_extremes<int32_t>(DType::kInt32, "2147483647", "-2147483648");
  expect_extremes<int64_t>(DType::kInt64, "9223372036854775807", "-9223372036854775808");
  const std::vector<uint64_t> wide = {1, ~uint64_t{0}, ~uint64_t{0} - 1};
  EXPECT_EQ(texts_of(classify(view_of(DType::kUint64, {3}, wide), {.count = 2})),
            (Texts{"18446744073709551615:1", "18446744073709551614:2"}));
  const std::vector<uint8_t> bytes = {255, 0, 128};
  EXPECT_EQ(texts_of(classify(view_of(DType::kUint8, {3}, bytes), {.count = 2})),
            (Texts{"255:0", "128:2"}));
  const double largest = std::numeric_limits<double>::max();
  expect_extremes<double>(DType::kFp64, std::to_string(largest), std::to_string(-largest));
  const std::vector<uint16_t> halves = {0x3c00, 0xc000, 0x7bff};  // 1, -2, 65504
  EXPECT_EQ(texts_of(classify(view_of(DType::kFp16, {3}, halves), {.count = 3})),
            (Texts{"65504.000000:2", "1.000000:0", "-2.000000:1"}));
  const std::vector<uint16_t> bfloats = {0x3f80, 0xc000, 0x4049};  // 1, -2, 3.140625
  EXPECT_EQ(texts_of(classify(view_of(DType::kBf16, {3}, bfloats), {.count = 3})),
            (Texts{"3.140625:2", "1.000000:0", "-2.000000:1"}));
}

TEST(Classification, UnalignedScoresAreRead) {
  const std::vector<double> scores = {1, 3, 2};
  std::vector<std::byte> shifted(1 + scores.size() * sizeof(double));
  std::memcpy(shifted.data() + 1, scores.data(), shifted.size() - 1);
  TensorView view{DType::kFp64, {3}, shifted.data() + 1, shifted.size() - 1};
  EXPECT_EQ(texts_of(classify(view, {.count = 1})), (Texts{"3.000000:1"}));
}

TEST(Classification, AgreesWithSortingThemAll) {
  std::vector<float> scores(5000);
  uint32_t state = 1;
  for (float& score : scores) {
    state = state * 1664525 + 1013904223;
    score = static_cast<float>(state >> 24);  // many are equal
  }
  std::vector<size_t> order(scores.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  for (uint32_t count : {1u, 7u, 4999u, 5000u}) {
    Texts texts = texts_of(classify(view_of(DType::kFp32, {5000}, scores), {.count = count}));
    ASSERT_EQ(texts.size(), count);
    for (size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(texts[i], std::to_string(scores[order[i]]) + ":" + std::to_string(order[i]));
    }
  }
}

}  // namespace
}  // namespace skein::postprocess

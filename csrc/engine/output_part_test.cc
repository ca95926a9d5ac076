#include "engine/output_part.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace skein::engine {
namespace {

// An output of the given shape with the values 0, 1, 2, ...
runtime::OutputTensor counted(const Shape& shape) {
  std::vector<int32_t> values(static_cast<size_t>(element_count(shape.dims()).value()));
  std::iota(values.begin(), values.end(), 0);
  runtime::OutputTensor output;
  output.owner = Buffer::allocate(values.size() * sizeof(int32_t));
  std::memcpy(output.owner->data(), values.data(), output.owner->size());
  output.view = {DType::kInt32, shape, output.owner->data(), output.owner->size()};
  output.present = true;
  return output;
}

std::vector<int32_t> values_of(const protocol::OutputView& part) {
  std::vector<int32_t> values(part.view.size / sizeof(int32_t));
  if (!values.empty()) std::memcpy(values.data(), part.view.data, part.view.size);
  return values;
}

struct CutCase {
  Shape batch, declared;
  int64_t first, rows, length;  // the padded length is 3
  Shape shape;
  std::vector<int32_t> values;
  bool copied;
};

TEST(CutBack, RowsLoseTheirPadding) {
  const std::vector<CutCase> cases = {
      {{2, 3}, {-1, -1}, 1, 1, 2, {1, 2}, {3, 4}, false},
      {{2, 3}, {-1, -1}, 0, 2, 2, {2, 2}, {0, 1, 3, 4}, true},
      {{2, 3, 2}, {-1, -1, 2}, 1, 1, 1, {1, 1, 2}, {6, 7}, false},
      {{2, 3, 3}, {-1, -1, -1}, 1, 1, 2, {1, 2, 2}, {9, 10, 12, 13}, true},
      {{2, 3}, {-1, -1}, 0, 1, 0, {1, 0}, {}, false},
      // not the length: a fixed dimension, and one of another size
      {{1, 3}, {-1, 3}, 0, 1, 2, {1, 3}, {0, 1, 2}, false},
      {{1, 4}, {-1, -1}, 0, 1, 2, {1, 4}, {0, 1, 2, 3}, false}};
  for (const CutCase& c : cases) {
    runtime::OutputTensor output = counted(c.batch);
    TensorSpec spec{"y", DType::kInt32, c.declared};
    Ref<Buffer> copy;
    protocol::OutputView part = rows_of(output, spec, true, c.first, c.rows);
    cut_back(part, spec, 3, c.length, copy);
    EXPECT_EQ(to_string(part.view.shape), to_string(c.shape));
    EXPECT_EQ(values_of(part), c.values) << to_string(c.batch);
    EXPECT_EQ(part.owner == &copy, c.copied) << to_string(c.batch);
  }
}

// FP32 scores 0, 1, 2, ... of two rows of three.
runtime::OutputTensor scores() {
  runtime::OutputTensor output = counted({2, 3});
  output.view.dtype = DType::kFp32;
  for (size_t i = 0; i < 6; ++i) {
    const auto score = static_cast<float>(i);
    std::memcpy(output.owner->data() + i * sizeof score, &score, sizeof score);
  }
  return output;
}

TEST(Postprocessing, TheBatchsOwnBytesStayAsTheyAre) {
  runtime::OutputTensor output = scores();
  TensorSpec spec{"y", DType::kFp32, {-1, 3}};
  Ref<Buffer> copy;
  protocol::OutputView part = rows_of(output, spec, true, 1, 1);
  soften(part, copy);
  EXPECT_EQ(part.view.data, copy->data());
  EXPECT_EQ(part.view.size, 3 * sizeof(float));
  float last = 0;
  std::memcpy(&last, output.owner->data() + 5 * sizeof last, sizeof last);
  EXPECT_EQ(last, 5);
}

TEST(Postprocessing, ACutCopyIsSoftenedInPlaceAndRankedWithoutPadding) {
  runtime::OutputTensor output = scores();
  TensorSpec spec{"y", DType::kFp32, {-1, -1}};
  Ref<Buffer> copy;
  protocol::OutputView part = rows_of(output, spec, true, 0, 2);
  cut_back(part, spec, 3, 2, copy);
  const std::byte* cut = copy->data();
  soften(part, copy);
  EXPECT_EQ(part.view.data, cut);
  rank(part, {.batched = true, .count = 3, .labels = nullptr}, copy);
  EXPECT_EQ(to_string(part.view.shape), "[2,2]");
  std::string text(reinterpret_cast<const char*>(part.view.data), part.view.size);
  EXPECT_EQ(text.substr(4, 10), "0.731059:1");
  EXPECT_EQ(text.substr(18, 10), "0.268941:0");
}

}  // namespace
}  // namespace skein::engine

#include "engine/shape_key.h"

#include <gtest/gtest.h>

#include <set>

namespace skein::engine {
namespace {

using scheduling::kOneShape;

ModelSpec model(std::vector<Shape> inputs, int64_t max_batch_size = 8) {
  ModelSpec spec;
  for (const Shape& dims : inputs) spec.inputs.push_back({"x", DType::kFp32, dims});
  spec.batching.max_batch_size = max_batch_size;
  return spec;
}

scheduling::QueueKey key_of(const ModelSpec& spec, std::vector<Shape> shapes, int64_t length = 0) {
  std::vector<TensorView> views;
  for (const Shape& shape : shapes) views.push_back({DType::kFp32, shape, nullptr, 0});
  return shape_key(spec, views, length);
}

TEST(ShapeKey, OneShapeWhereInnerDimensionsCannotDiffer) {
  EXPECT_EQ(key_of(model({{-1, 16}}), {{3, 16}}), kOneShape);
  EXPECT_EQ(key_of(model({{-1, -1}}, 0), {{3, 16}}), kOneShape);
}

TEST(ShapeKey, DynamicInnerDimensionsDecideRowsDoNot) {
  ModelSpec spec = model({{-1, -1}, {-1, 2, -1}});
  EXPECT_EQ(key_of(spec, {{1, 3}, {1, 2, 4}}), key_of(spec, {{5, 3}, {5, 2, 4}}));
  EXPECT_NE(key_of(spec, {{1, 3}, {1, 2, 4}}), key_of(spec, {{1, 4}, {1, 2, 3}}));
}

TEST(ShapeKey, NoConstructedDimensionGivesOneShape) {
  ModelSpec spec = model({{-1, -1, -1}});
  for (int64_t first = 0; first < 1000; ++first) {
    // Dimensions are not negative, so only a hash below 2^63 can be met.
    auto hash =
        static_cast<int64_t>((0xcbf29ce484222325 ^ static_cast<uint64_t>(first)) * 0x100000001b3);
    if (hash < 0) continue;
    EXPECT_NE(key_of(spec, {{1, first, hash}}), kOneShape) << first;
  }
}

TEST(ShapeKey, LengthsOfABucketShareTheKey) {
  ModelSpec spec = model({{-1, -1}, {-1, -1}});
  spec.padding = {.inputs = {{.index = 0}}, .buckets = {4, 8}};
  auto key = [&](int64_t length, int64_t other) {
    return key_of(spec, {{1, length}, {1, other}}, length);
  };
  EXPECT_EQ(key(1, 5), key(4, 5));
  EXPECT_EQ(key(9, 5), key(16, 5));
  EXPECT_NE(key(4, 5), key(4, 6));
  std::set<scheduling::QueueKey> keys{key(0, 5), key(4, 5), key(8, 5), key(16, 5), key(17, 5)};
  EXPECT_EQ(keys.size(), 5u);
}

TEST(ShapeKey, KeysOfBucketsAreSmallAndNeverOneShape) {
  ModelSpec spec = model({{-1, -1}});
  spec.padding = {.inputs = {{.index = 0}}, .buckets = {4, 8}};
  EXPECT_EQ(key_of(spec, {{1, 0}}, 0), 1u);
  EXPECT_EQ(key_of(spec, {{1, 3}}, 3), 2u);
  EXPECT_EQ(key_of(spec, {{1, 5}}, 5), 3u);
}

}  // namespace
}  // namespace skein::engine

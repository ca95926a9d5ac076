#include "base/padding.h"

#include <gtest/gtest.h>

namespace skein {
namespace {

TEST(BucketOf, BoundsThenPowersOfTwo) {
  struct Case {
    std::vector<int64_t> bounds;
    int64_t length;
    uint64_t bucket;
  };
  const std::vector<Case> cases = {{{16, 48}, 0, 0},  {{16, 48}, 1, 1},   {{16, 48}, 16, 1},
                                   {{16, 48}, 17, 2}, {{16, 48}, 48, 2},  {{16, 48}, 49, 9},
                                   {{16, 48}, 64, 9}, {{16, 48}, 65, 10}, {{}, 0, 0},
                                   {{}, 1, 1},        {{}, 2, 2},         {{}, 3, 3},
                                   {{}, 4, 3},        {{}, 5, 4},         {{}, INT64_MAX, 64}};
  for (const Case& c : cases) {
    EXPECT_EQ(bucket_of(c.length, c.bounds), c.bucket) << c.length << " of " << c.bounds.size();
  }
}

TensorView shaped(const Shape& shape) { return {DType::kInt64, shape, nullptr, 0}; }

// Input 0 is padded, input 1 the mask, input 2 neither.
ModelSpec padded_model() {
  ModelSpec spec;
  spec.inputs = {{"ids", DType::kInt64, {-1, -1}},
                 {"mask", DType::kInt64, {-1, 1, -1}},
                 {"other", DType::kInt64, {-1, -1}}};
  spec.padding = {.inputs = {{.index = 0}}, .mask = 1, .buckets = {4, 8}};
  return spec;
}

TEST(SameShapeClass, LengthsMayDifferWithinABucketOtherDimensionsMayNot) {
  struct Case {
    int64_t length;
    int64_t other;
    bool same;
  };
  ModelSpec spec = padded_model();
  std::vector<TensorView> one{shaped({1, 3}), shaped({1, 1, 3}), shaped({1, 7})};
  for (Case c : std::vector<Case>{
           {3, 7, true}, {1, 7, true}, {4, 7, true}, {5, 7, false}, {0, 7, false}, {3, 8, false}}) {
    std::vector<TensorView> two{shaped({2, c.length}), shaped({2, 1, c.length}),
                                shaped({2, c.other})};
    EXPECT_EQ(same_shape_class(spec, one, two), c.same) << c.length << ' ' << c.other;
  }
}

TEST(SameShapeClass, WithoutPaddingShapesAreExact) {
  ModelSpec spec = padded_model();
  spec.padding = {};
  std::vector<TensorView> one{shaped({1, 3}), shaped({1, 1, 3}), shaped({1, 7})};
  std::vector<TensorView> rows{shaped({5, 3}), shaped({5, 1, 3}), shaped({5, 7})};
  std::vector<TensorView> longer{shaped({1, 4}), shaped({1, 1, 4}), shaped({1, 7})};
  EXPECT_TRUE(same_shape_class(spec, one, rows));
  EXPECT_FALSE(same_shape_class(spec, one, longer));
}

TEST(Lengths, ReplaceDynamicInnerDimensionsOnly) {
  EXPECT_EQ(with_length({2, 5, 3, 5}, {-1, -1, 3, -1}, 9), Shape({2, 9, 3, 9}));
  EXPECT_EQ(with_length({2, 5}, {-1, 5}, 9), Shape({2, 5}));
  EXPECT_EQ(cut_to_length({2, 8, 8, 16}, {-1, -1, -1, 16}, 8, 3), Shape({2, 3, 3, 16}));
  EXPECT_EQ(cut_to_length({2, 8, 4}, {-1, -1, -1}, 8, 3), Shape({2, 3, 4}));
  EXPECT_EQ(cut_to_length({8, 8}, {-1, 8}, 8, 3), Shape({8, 8}));
}

}  // namespace
}  // namespace skein

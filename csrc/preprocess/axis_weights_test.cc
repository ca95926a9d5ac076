#include "preprocess/axis_weights.h"

#include <gtest/gtest.h>

#include <numeric>

namespace skein::preprocess {
namespace {

AxisQuery query(int64_t source, int64_t resized, ResizeFilter filter) {
  return {source, static_cast<double>(source), resized, 0, resized, filter, 4};
}

constexpr ResizeFilter kFilters[] = {ResizeFilter::kBox, ResizeFilter::kBilinear,
                                     ResizeFilter::kBicubic};
constexpr int64_t kSizes[] = {1, 2, 3, 7, 97, 224, 640, 10007};

TEST(AxisWeights, SumUpToOneAndStayInsideTheSource) {
  for (ResizeFilter filter : kFilters) {
    for (int64_t source : kSizes) {
      for (int64_t resized : kSizes) {
        AxisWeights made;
        AxisQuery asked = query(source, resized, filter);
        make_weights(asked, made);
        ASSERT_EQ(static_cast<int64_t>(made.starts.size()), resized);
        ASSERT_LE(made.taps, taps_of(asked));
        ASSERT_EQ(made.taps % 4, 0);
        for (int64_t i = 0; i < resized; ++i) {
          const int16_t* first = made.weights.data() + i * made.taps;
          ASSERT_EQ(std::accumulate(first, first + made.taps, 0), 1 << kWeightBits);
          ASSERT_GE(made.starts[i], 0);
          ASSERT_LE(made.starts[i] + made.taps, std::max(source, made.taps));
          for (int64_t t = source - made.starts[i]; t < made.taps; ++t) ASSERT_EQ(first[t], 0);
        }
      }
    }
  }
}

TEST(AxisWeights, TheSameSizeTakesEachPixelAsItIs) {
  for (ResizeFilter filter : kFilters) {
    AxisWeights made;
    make_weights(query(97, 97, filter), made);
    for (int64_t i = 0; i < 97; ++i) {
      EXPECT_EQ(made.weights[i * made.taps + i - made.starts[i]], 1 << kWeightBits);
    }
  }
}

TEST(AxisWeights, HalvingByABoxTakesTwoPixelsAlike) {
  AxisWeights made;
  make_weights(query(8, 4, ResizeFilter::kBox), made);
  EXPECT_EQ(made.starts, (std::vector<int32_t>{0, 2, 4, 4}));
  EXPECT_EQ(made.weights[0], 1 << (kWeightBits - 1));
  EXPECT_EQ(made.weights[1], 1 << (kWeightBits - 1));
}

TEST(AxisWeights, ACropHasTheWeightsOfItsPlace) {
  AxisWeights whole, part;
  make_weights(query(640, 256, ResizeFilter::kBilinear), whole);
  AxisQuery middle = query(640, 256, ResizeFilter::kBilinear);
  middle.first = 16;
  middle.count = 224;
  make_weights(middle, part);
  ASSERT_EQ(part.taps, whole.taps);
  EXPECT_TRUE(std::equal(part.starts.begin(), part.starts.end(), whole.starts.begin() + 16));
  EXPECT_TRUE(std::equal(part.weights.begin(), part.weights.end(),
                         whole.weights.begin() + 16 * whole.taps));
}

}  // namespace
}  // namespace skein::preprocess

#include "telemetry/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace skein::telemetry {
namespace {

TEST(Histogram, BucketsCoverAllValuesInOrder) {
  for (int bucket = 0; bucket + 1 < kBucketCount; ++bucket) {
    uint64_t last = bucket_upper_bound(bucket);
    EXPECT_EQ(bucket_of(last), bucket);
    EXPECT_EQ(bucket_of(last + 1), bucket + 1);
  }
  EXPECT_EQ(bucket_of(~uint64_t{0}), kBucketCount - 1);
}

TEST(Histogram, QuantilesAreWithinOneSixteenthOfTheTruth) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> times(12, 2);
  Histogram histogram;
  std::vector<uint64_t> values;
  for (int i = 0; i < 100000; ++i) {
    values.push_back(static_cast<uint64_t>(times(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  HistogramSnapshot snapshot;
  histogram.add_to(snapshot);
  EXPECT_EQ(snapshot.count, values.size());
  for (double q : {0.5, 0.9, 0.99, 0.999}) {
    auto truth = static_cast<double>(values[static_cast<size_t>(q * 100000) - 1]);
    EXPECT_GE(static_cast<double>(snapshot.quantile(q)), truth);
    EXPECT_LE(static_cast<double>(snapshot.quantile(q)), truth * (1 + 1.0 / 16) + 1);
  }
}

TEST(Histogram, EmptyHasNoQuantile) {
  HistogramSnapshot snapshot;
  EXPECT_EQ(snapshot.quantile(0.99), 0u);
  EXPECT_EQ(snapshot.count_up_to(1000), 0u);
}

TEST(Histogram, MergesWriters) {
  Histogram first, second;
  first.record(5, 3);
  second.record(100);
  HistogramSnapshot snapshot;
  first.add_to(snapshot);
  second.add_to(snapshot);
  EXPECT_EQ(snapshot.count, 4u);
  EXPECT_EQ(snapshot.sum, 115u);
  EXPECT_EQ(snapshot.count_up_to(5), 3u);
  EXPECT_EQ(snapshot.count_up_to(1000), 4u);
}

}  // namespace
}  // namespace skein::telemetry

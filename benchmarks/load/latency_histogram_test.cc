#include "load/latency_histogram.h"

#include <gtest/gtest.h>

namespace skein::load {
namespace {

TEST(LatencyHistogram, EmptyHasNoLatency) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), 0u);
  EXPECT_EQ(histogram.mean(), 0.0);
}

TEST(LatencyHistogram, QuantilesAreAtMostOnePercentAboveTheTrueOnes) {
  LatencyHistogram histogram;
  for (uint64_t value = 1; value <= 1'000'000; ++value) histogram.record(value);
  for (double q : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    double truth = q * 1e6;
    EXPECT_GE(histogram.quantile(q), truth * 0.999999) << q;
    EXPECT_LE(histogram.quantile(q), truth * 1.008) << q;
  }
  EXPECT_EQ(histogram.quantile(1), 1'000'000u);
  EXPECT_EQ(histogram.max(), 1'000'000u);
}

TEST(LatencyHistogram, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (uint64_t value : {0u, 1u, 127u, 128u, 255u}) histogram.record(value);
  EXPECT_EQ(histogram.quantile(0.2), 0u);
  EXPECT_EQ(histogram.quantile(0.4), 1u);
  EXPECT_EQ(histogram.quantile(0.6), 127u);
  EXPECT_EQ(histogram.quantile(0.8), 128u);
  EXPECT_EQ(histogram.quantile(1.0), 255u);
}

TEST(LatencyHistogram, HugeValuesAreClamped) {
  LatencyHistogram histogram;
  histogram.record(~uint64_t{0});
  EXPECT_EQ(histogram.max(), (uint64_t{1} << 40) - 1);
  EXPECT_EQ(histogram.quantile(0.5), histogram.max());
}

TEST(LatencyHistogram, SumsAreThoseOfAllParts) {
  LatencyHistogram sum, part;
  sum.record(10);
  part.record(30);
  sum.add(part);
  EXPECT_EQ(sum.count(), 2u);
  EXPECT_EQ(sum.mean(), 20.0);
  EXPECT_EQ(sum.max(), 30u);
}

}  // namespace
}  // namespace skein::load

#include "scheduling/latency_model.h"

#include <gtest/gtest.h>

namespace skein::scheduling {
namespace {

using std::chrono::microseconds;

void record(LatencyModel& model, int64_t rows, int us, int times = 2) {
  for (int i = 0; i < times; ++i) model.record(rows, microseconds(us));
}

TEST(LatencyModel, BucketsHoldTheirSizes) {
  EXPECT_EQ(LatencyModel::bucket_rows(0), 1);
  for (int bucket = 0; bucket < LatencyModel::kBuckets; ++bucket) {
    int64_t last = LatencyModel::bucket_rows(bucket);
    EXPECT_EQ(LatencyModel::bucket_of(last), bucket) << last;
    if (bucket + 1 < LatencyModel::kBuckets) {
      EXPECT_EQ(LatencyModel::bucket_of(last + 1), bucket + 1) << last + 1;
    }
  }
  EXPECT_EQ(LatencyModel::bucket_of(int64_t{1} << 40), LatencyModel::kBuckets - 1);
}

TEST(LatencyModel, KnowsNothingAtFirst) {
  LatencyModel model;
  EXPECT_FALSE(model.known());
  EXPECT_EQ(model.median(4), Duration(0));
  EXPECT_EQ(model.high(4), Duration(0));
  EXPECT_TRUE(model.table().empty());
}

TEST(LatencyModel, InterpolatesAndExtrapolates) {
  LatencyModel model;
  record(model, 2, 100);
  record(model, 8, 400);
  EXPECT_EQ(model.median(1), microseconds(100)) << "no smaller than the smallest measured";
  EXPECT_EQ(model.median(2), microseconds(100));
  EXPECT_EQ(model.median(5), microseconds(250));
  EXPECT_EQ(model.median(8), microseconds(400));
  EXPECT_EQ(model.median(16), microseconds(800)) << "in proportion above the largest";
}

TEST(LatencyModel, TheFirstRunOfASizeCountsOnlyUntilTheSecond) {
  LatencyModel model;
  model.record(4, microseconds(9000));
  EXPECT_EQ(model.median(4), microseconds(9000));
  model.record(4, microseconds(50));
  EXPECT_EQ(model.high(4), microseconds(50));
  EXPECT_EQ(model.table().at(0).samples, 2u);
}

TEST(LatencyModel, TheFirstRunOfEverySlotCountsOnlyUntilThereIsAnother) {
  LatencyModel model(3);
  record(model, 4, 9000, 3);
  EXPECT_EQ(model.median(4), microseconds(9000));
  record(model, 4, 50, 1);
  EXPECT_EQ(model.high(4), microseconds(50));
  record(model, 4, 70, 3);
  EXPECT_EQ(model.high(4), microseconds(70));
}

TEST(LatencyModel, ASmallerBatchNeverTakesLonger) {
  LatencyModel model;
  record(model, 1, 5000);
  record(model, 4, 300);
  record(model, 8, 400);
  EXPECT_EQ(model.median(1), microseconds(300));
  EXPECT_EQ(model.high(1), microseconds(300));
  record(model, 8, 200, 10);
  EXPECT_EQ(model.median(1), microseconds(200));
}

TEST(LatencyModel, HighIsAHighQuantileAndOldRunsFade) {
  LatencyModel model;
  record(model, 1, 10, 90);
  record(model, 1, 100, 10);
  EXPECT_EQ(model.median(1), microseconds(10));
  EXPECT_EQ(model.high(1), microseconds(100));
  record(model, 1, 20, 2 * LatencyModel::kWindow);
  EXPECT_EQ(model.high(1), microseconds(20));
}

}  // namespace
}  // namespace skein::scheduling

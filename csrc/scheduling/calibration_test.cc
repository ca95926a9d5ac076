#include "scheduling/calibration.h"

#include <gtest/gtest.h>

namespace skein::scheduling {
namespace {

using std::chrono::milliseconds;

void record(Calibration& calibration, int actual_ms, int times) {
  for (int i = 0; i < times; ++i) {
    calibration.record(milliseconds(10), milliseconds(actual_ms));
  }
}

TEST(Calibration, StartsAtOneAndNeverFallsBelow) {
  Calibration calibration;
  EXPECT_EQ(calibration.factor(), 1);
  record(calibration, 5, 100);
  EXPECT_EQ(calibration.factor(), 1);
}

TEST(Calibration, CoversNearlyAllOfTheLatestWaits) {
  Calibration calibration;
  record(calibration, 10, 120);
  record(calibration, 15, 8);
  EXPECT_FLOAT_EQ(calibration.factor(), 1.5);
  record(calibration, 10, 128);
  EXPECT_FLOAT_EQ(calibration.factor(), 1) << "old waits fade";
}

TEST(Calibration, IsBounded) {
  Calibration calibration;
  record(calibration, 1000, 8);
  EXPECT_EQ(calibration.factor(), Calibration::kLargest);
}

}  // namespace
}  // namespace skein::scheduling

#include "telemetry/model_stats.h"

#include <gtest/gtest.h>

namespace skein::telemetry {
namespace {

using std::chrono::microseconds;

TEST(ModelStats, CountsOnFromWhatItReplacesAndFromWhatThatStillGets) {
  auto before = std::make_shared<ModelStats>(1, 8);
  before->slot(0).failure(FailureReason::kBackend, microseconds(5));
  before->refused(Refusal::kOverload, microseconds(0));
  ModelStats after(2, 8);
  after.continue_from(before);
  after.slot(1).failure(FailureReason::kBackend, microseconds(7));
  before->slot(0).failure(FailureReason::kBackend, microseconds(1));
  ModelSnapshot snapshot = after.snapshot();
  EXPECT_EQ(snapshot.failures[static_cast<size_t>(FailureReason::kBackend)], 3u);
  EXPECT_EQ(snapshot.refusals[static_cast<size_t>(Refusal::kOverload)], 1u);
  EXPECT_EQ(snapshot.fail.ns, 13'000u);
}

TEST(ModelStats, ResetForgetsWhatItReplaces) {
  auto before = std::make_shared<ModelStats>(1, 8);
  before->refused(Refusal::kOverload, microseconds(0));
  ModelStats after(1, 8);
  after.continue_from(before);
  after.reset();
  EXPECT_EQ(after.snapshot().fail.count, 0u);
}

}  // namespace
}  // namespace skein::telemetry

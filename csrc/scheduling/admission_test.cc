#include "scheduling/admission.h"

#include <gtest/gtest.h>

namespace skein::scheduling {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Kind = Verdict::Kind;

constexpr BatchingSpec kAlone{};
constexpr int kRunMs = 5;

// A model of 5 ms per run, whatever the batch.
class Admission : public testing::Test {
 protected:
  Admission() {
    for (int64_t rows : {1, 8}) {
      for (int i = 0; i < 2; ++i) model.record(rows, milliseconds(kRunMs));
    }
  }
  LatencyModel model;
};

TEST_F(Admission, AdmitsEverythingWhileNothingIsKnown) {
  LatencyModel unknown;
  EXPECT_EQ(judge({.rows = 1000}, 1, microseconds(1), kAlone, unknown).kind, Kind::kAdmit);
}

TEST_F(Admission, AnIdleServerTakesWhatOneRunCanServe) {
  EXPECT_EQ(judge({}, 1, milliseconds(5), kAlone, model).kind, Kind::kAdmit);
  Verdict verdict = judge({}, 1, milliseconds(4), kAlone, model);
  EXPECT_EQ(verdict.kind, Kind::kHopeless);
  EXPECT_EQ(verdict.wait, milliseconds(5));
}

TEST_F(Admission, CountsTheRunsAhead) {
  Ahead ahead{.rows = 8, .busy = milliseconds(2)};
  EXPECT_EQ(predicted_wait(ahead, 1, kAlone, model), milliseconds(2 + 9 * kRunMs));
  EXPECT_EQ(judge(ahead, 1, milliseconds(50), kAlone, model).kind, Kind::kAdmit);
  ahead.rows = 9;
  Verdict verdict = judge(ahead, 1, milliseconds(50), kAlone, model);
  EXPECT_EQ(verdict.kind, Kind::kOverload);
  EXPECT_EQ(verdict.wait, milliseconds(52));
  EXPECT_GE(verdict.retry_after, milliseconds(2));
  EXPECT_LT(verdict.retry_after, milliseconds(5));
}

TEST_F(Admission, BatchesShareARun) {
  BatchingSpec batches{.max_batch_size = 8};
  EXPECT_EQ(predicted_wait({.rows = 5}, 1, batches, model), milliseconds(5));
  EXPECT_EQ(predicted_wait({.rows = 16}, 1, batches, model), milliseconds(15));
}

TEST_F(Admission, SlotsServeSideBySide) {
  EXPECT_EQ(predicted_wait({.rows = 8, .slots = 2}, 1, kAlone, model), milliseconds(25));
  EXPECT_EQ(predicted_wait({.rows = 8, .slots = 0.5}, 1, kAlone, model), milliseconds(85));
}

TEST_F(Admission, AllowsForWhatPredictionsLackedOfLate) {
  Verdict verdict = judge({.rows = 3, .factor = 1.5}, 1, milliseconds(25), kAlone, model);
  EXPECT_EQ(verdict.kind, Kind::kOverload);
  EXPECT_EQ(verdict.estimate, milliseconds(20));
  EXPECT_EQ(verdict.wait, milliseconds(30));
}

TEST_F(Admission, AQueueDelayMakesNobodyLate) {
  BatchingSpec delayed{.max_batch_size = 8, .max_queue_delay = std::chrono::seconds(60)};
  Verdict verdict = judge({.rows = 3}, 1, milliseconds(50), delayed, model);
  EXPECT_EQ(verdict.kind, Kind::kAdmit);
  EXPECT_GT(verdict.estimate, milliseconds(45));
  EXPECT_LT(verdict.estimate, milliseconds(50));
}

TEST_F(Admission, AVaryingModelNeedsMoreRoom) {
  for (int64_t rows : {1, 8}) {
    for (int i = 0; i < 10; ++i) model.record(rows, milliseconds(9));
    for (int i = 0; i < 54; ++i) model.record(rows, milliseconds(5));
  }
  ASSERT_EQ(model.high(1), milliseconds(9));
  EXPECT_EQ(predicted_wait({.rows = 3}, 1, kAlone, model), milliseconds(4 * kRunMs + 2 * 4));
}

}  // namespace
}  // namespace skein::scheduling

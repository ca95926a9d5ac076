#include "scheduling/batch_policy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace skein::scheduling {
namespace {

using std::chrono::microseconds;

using telemetry::Release;

const TimePoint kNow = TimePoint{} + std::chrono::seconds(100);

// 400 us for one row, 40 us for each more: batching gains.
void learn(LatencyModel& model) {
  for (int64_t rows : {1, 2, 4, 8, 16}) {
    for (int i = 0; i < 2; ++i) model.record(rows, microseconds(360 + 40 * rows));
  }
}

struct Case {
  std::string name;
  std::vector<int64_t> rows;
  BatchingSpec limits;
  microseconds age;  // of the oldest request
  size_t run;
  microseconds wake_in;  // used when run == 0
  Release why = Release::kIdleSlot;
};

BatchingSpec batching(int64_t max, microseconds delay = microseconds(0),
                      std::vector<int64_t> preferred = {}) {
  return {.max_batch_size = max, .preferred_batch_sizes = preferred, .max_queue_delay = delay};
}

class Decide : public testing::TestWithParam<Case> {};

TEST_P(Decide, FollowsTheTable) {
  const Case& c = GetParam();
  LatencyModel model;
  learn(model);
  std::vector<Waiting> waiting;
  for (int64_t rows : c.rows) waiting.push_back({.rows = rows});
  QueueView view{.requests = waiting, .oldest = kNow - c.age};
  Decision decision = decide(view, c.limits, model, kNow);
  EXPECT_EQ(decision.run, c.run);
  if (c.run == 0) {
    EXPECT_EQ(decision.wake, kNow + c.wake_in);
  } else {
    EXPECT_EQ(decision.why, c.why);
  }
}

const microseconds us0{0}, us30{30}, us70{70}, us100{100}, us200{200};

INSTANTIATE_TEST_SUITE_P(
    Table, Decide,
    testing::Values(
        Case{"no_batch_dimension", {1, 1, 1}, batching(0), us0, 1, us0, Release::kFull},
        Case{"batch_of_one", {1, 1, 1}, batching(1), us0, 1, us0, Release::kFull},
        Case{"not_dynamic",
             {1, 1},
             {.max_batch_size = 8, .dynamic = false},
             us0,
             1,
             us0,
             Release::kFull},
        Case{"takes_what_waits", {1, 1, 1}, batching(8), us0, 3, us0},
        Case{"cut_back_to_a_warm_size",
             {1, 1, 1},
             {.max_batch_size = 8, .warm_batch_sizes = {1, 2, 4, 8}},
             us0,
             2,
             us0},
        Case{"a_warm_size_of_several_rows_each",
             {3, 1, 3},
             {.max_batch_size = 8, .warm_batch_sizes = {1, 2, 4, 8}},
             us0,
             2,
             us0},
        Case{"no_warm_size_fits",
             {3, 3},
             {.max_batch_size = 8, .warm_batch_sizes = {1, 2, 4, 8}},
             us0,
             2,
             us0},
        Case{"stops_at_the_limit", {1, 1, 1, 1, 1}, batching(4), us0, 4, us0, Release::kFull},
        Case{"does_not_split_a_request", {3, 3, 3}, batching(8), us0, 2, us0, Release::kFull},
        Case{"does_not_skip_ahead", {4, 6, 1}, batching(8), us0, 1, us0, Release::kFull},
        Case{"request_of_the_limit", {8, 1}, batching(8), us0, 1, us0, Release::kFull},
        Case{"waits_for_company", {1, 1}, batching(8, us100), us30, 0, us70},
        Case{"delay_is_over", {1, 1}, batching(8, us100), us100, 2, us0, Release::kDelay},
        Case{"delay_long_over", {1, 1}, batching(8, us100), us200, 2, us0, Release::kDelay},
        Case{"full_before_the_delay", {4, 4}, batching(8, us100), us0, 2, us0, Release::kFull},
        Case{"next_does_not_fit", {5, 4}, batching(8, us100), us0, 1, us0, Release::kFull},
        Case{"preferred_before_the_delay",
             {1, 1, 1},
             batching(8, us100, {2}),
             us0,
             2,
             us0,
             Release::kPreferred},
        Case{"largest_preferred",
             {1, 1, 1, 1, 1},
             batching(8, us100, {2, 4}),
             us0,
             4,
             us0,
             Release::kPreferred},
        Case{"no_preferred_reached", {1}, batching(8, us100, {2, 4}), us30, 0, us70},
        Case{"no_preferred_and_late",
             {1, 1, 1},
             batching(8, us100, {5}),
             us100,
             3,
             us0,
             Release::kDelay},
        Case{"preferred_without_delay",
             {1, 1, 1},
             batching(8, us0, {2}),
             us0,
             2,
             us0,
             Release::kPreferred}),
    [](const auto& test) { return test.param.name; });

// Requests of one row each, by the time that is left to them.
struct DueCase {
  std::string name;
  std::vector<int> left_us;  // 0: no due time
  BatchingSpec limits;
  size_t run;
  int wake_us;
  Release why;
};

class DecideByDue : public testing::TestWithParam<DueCase> {};

TEST_P(DecideByDue, FollowsTheTable) {
  const DueCase& c = GetParam();
  LatencyModel model;
  learn(model);
  std::vector<Waiting> waiting;
  for (int left : c.left_us) {
    waiting.push_back({.due = left == 0 ? kNever : kNow + microseconds(left)});
  }
  Decision decision = decide({.requests = waiting, .oldest = kNow}, c.limits, model, kNow);
  EXPECT_EQ(decision.run, c.run);
  if (c.run == 0) {
    EXPECT_EQ(decision.wake, kNow + microseconds(c.wake_us));
  } else {
    EXPECT_EQ(decision.why, c.why);
  }
}

BatchingSpec target(int64_t max, Duration latency) {
  return {.max_batch_size = max, .latency_target = latency};
}

INSTANTIATE_TEST_SUITE_P(
    Table, DecideByDue,
    testing::Values(DueCase{"all_in_time", {600, 600, 600}, batching(8), 3, 0, Release::kIdleSlot},
                    DueCase{"the_tightest_bounds_the_batch",
                            {480, 900, 900, 900},
                            batching(8),
                            3,
                            0,
                            Release::kDeadline},
                    DueCase{"a_later_one_may_be_the_tightest",
                            {900, 450, 900, 900},
                            batching(8),
                            2,
                            0,
                            Release::kDeadline},
                    DueCase{"one_that_is_late_anyway_does_not_bind",
                            {100, 900, 900},
                            batching(8),
                            3,
                            0,
                            Release::kIdleSlot},
                    DueCase{"a_delay_ends_with_the_slack",
                            {1500},
                            batching(8, microseconds(200)),
                            0,
                            60,
                            Release::kIdleSlot},
                    DueCase{"no_slack_for_the_delay",
                            {440},
                            batching(8, microseconds(200)),
                            1,
                            0,
                            Release::kDeadline},
                    DueCase{"a_target_lets_it_wait_as_long_as_a_run",
                            {50000},
                            target(8, std::chrono::milliseconds(50)),
                            0,
                            400,
                            Release::kIdleSlot},
                    DueCase{"but_only_within_the_slack",
                            {1540},
                            target(8, std::chrono::milliseconds(50)),
                            0,
                            100,
                            Release::kIdleSlot},
                    DueCase{"full_does_not_wait",
                            {50000, 50000},
                            target(2, std::chrono::milliseconds(50)),
                            2,
                            0,
                            Release::kFull}),
    [](const auto& test) { return test.param.name; });

TEST(DecideWithTarget, DoesNotWaitWhereBatchingGainsNothing) {
  LatencyModel model;
  for (int64_t rows : {1, 2, 4, 8}) {
    for (int i = 0; i < 2; ++i) model.record(rows, microseconds(400 * rows));
  }
  std::vector<Waiting> waiting{{.due = kNow + std::chrono::milliseconds(50)}};
  BatchingSpec limits = target(8, std::chrono::milliseconds(50));
  EXPECT_EQ(decide({.requests = waiting, .oldest = kNow}, limits, model, kNow).run, 1u);
}

TEST(DecideWithDelay, WaitsHalfTheWayWhileNothingIsKnown) {
  LatencyModel unknown;
  std::vector<Waiting> due{{.due = kNow + std::chrono::milliseconds(20)}};
  BatchingSpec limits = batching(8, std::chrono::milliseconds(50));
  Decision decision = decide({.requests = due, .oldest = kNow}, limits, unknown, kNow);
  EXPECT_EQ(decision.run, 0u);
  EXPECT_EQ(decision.wake, kNow + std::chrono::milliseconds(10));
}

TEST(DecideWithOtherShapes, SaysThatTheyLimitedTheBatch) {
  LatencyModel model;
  std::vector<Waiting> waiting(2);
  QueueView view{.requests = waiting, .oldest = kNow, .other_shapes = true};
  EXPECT_EQ(decide(view, batching(8), model, kNow).why, Release::kShapeChange);
}

TEST(Hopeless, MeansShorterThanTheMedianRun) {
  LatencyModel model;
  EXPECT_FALSE(is_hopeless(kNow + microseconds(1), 1, model, kNow)) << "nothing is known";
  EXPECT_TRUE(is_hopeless(kNow, 1, model, kNow)) << "it has passed";
  learn(model);
  EXPECT_TRUE(is_hopeless(kNow + microseconds(399), 1, model, kNow));
  EXPECT_FALSE(is_hopeless(kNow + microseconds(400), 1, model, kNow));
  EXPECT_FALSE(is_hopeless(kNever, 1, model, kNow));
}

}  // namespace
}  // namespace skein::scheduling

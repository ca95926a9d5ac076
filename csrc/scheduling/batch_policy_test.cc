#include "scheduling/batch_policy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace skein::scheduling {
namespace {

using std::chrono::microseconds;

struct Case {
  std::string name;
  std::vector<int64_t> rows;
  BatchingSpec limits;
  microseconds age;  // of the oldest request
  size_t run;
  microseconds wake_in;  // used when run == 0
};

BatchingSpec batching(int64_t max, microseconds delay = microseconds(0),
                      std::vector<int64_t> preferred = {}) {
  return {.max_batch_size = max, .preferred_batch_sizes = preferred, .max_queue_delay = delay};
}

class Decide : public testing::TestWithParam<Case> {};

TEST_P(Decide, FollowsTheTable) {
  const Case& c = GetParam();
  TimePoint now = TimePoint{} + std::chrono::seconds(100);
  Decision decision = decide({.rows = c.rows, .oldest = now - c.age}, c.limits, now);
  EXPECT_EQ(decision.run, c.run);
  if (c.run == 0) {
    EXPECT_EQ(decision.wake, now + c.wake_in);
  }
}

const microseconds us0{0}, us30{30}, us70{70}, us100{100}, us200{200};

INSTANTIATE_TEST_SUITE_P(
    Table, Decide,
    testing::Values(
        Case{"no_batch_dimension", {1, 1, 1}, batching(0), us0, 1, us0},
        Case{"batch_of_one", {1, 1, 1}, batching(1), us0, 1, us0},
        Case{"not_dynamic", {1, 1}, {.max_batch_size = 8, .dynamic = false}, us0, 1, us0},
        Case{"takes_what_waits", {1, 1, 1}, batching(8), us0, 3, us0},
        Case{"stops_at_the_limit", {1, 1, 1, 1, 1}, batching(4), us0, 4, us0},
        Case{"does_not_split_a_request", {3, 3, 3}, batching(8), us0, 2, us0},
        Case{"does_not_skip_ahead", {4, 6, 1}, batching(8), us0, 1, us0},
        Case{"request_of_the_limit", {8, 1}, batching(8), us0, 1, us0},
        Case{"waits_for_company", {1, 1}, batching(8, us100), us30, 0, us70},
        Case{"delay_is_over", {1, 1}, batching(8, us100), us100, 2, us0},
        Case{"delay_long_over", {1, 1}, batching(8, us100), us200, 2, us0},
        Case{"full_before_the_delay", {4, 4}, batching(8, us100), us0, 2, us0},
        Case{"next_does_not_fit", {5, 4}, batching(8, us100), us0, 1, us0},
        Case{"preferred_before_the_delay", {1, 1, 1}, batching(8, us100, {2}), us0, 2, us0},
        Case{"largest_preferred", {1, 1, 1, 1, 1}, batching(8, us100, {2, 4}), us0, 4, us0},
        Case{"no_preferred_reached", {1}, batching(8, us100, {2, 4}), us30, 0, us70},
        Case{"no_preferred_and_late", {1, 1, 1}, batching(8, us100, {5}), us100, 3, us0},
        Case{"preferred_without_delay", {1, 1, 1}, batching(8, us0, {2}), us0, 2, us0}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace skein::scheduling

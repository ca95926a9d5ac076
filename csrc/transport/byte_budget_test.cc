#include "transport/byte_budget.h"

#include <gtest/gtest.h>

namespace skein::transport {
namespace {

TEST(ByteBudget, is_exhausted_at_its_limit_and_overdrawn_a_quarter_above) {
  ByteBudget budget(100);
  (void)budget.change({0, 99});
  EXPECT_FALSE(budget.exhausted());
  (void)budget.change({1, 0});
  EXPECT_TRUE(budget.exhausted());
  EXPECT_FALSE(budget.overdrawn());
  (void)budget.change({25, 0});
  EXPECT_TRUE(budget.overdrawn());
}

TEST(ByteBudget, is_stuck_when_only_partial_messages_fill_it) {
  ByteBudget budget(100);
  (void)budget.change({100, 1});
  EXPECT_FALSE(budget.stuck());
  (void)budget.change({0, -1});
  EXPECT_TRUE(budget.stuck());
}

TEST(ByteBudget, wakes_waiters_once_it_falls) {
  ByteBudget budget(100);
  EXPECT_EQ(budget.change({0, 120}), 0u);
  budget.wait(0);
  budget.wait(5);
  EXPECT_EQ(budget.change({0, -10}), 0u);
  EXPECT_EQ(budget.change({0, -20}), 0b100001u);
  EXPECT_EQ(budget.change({0, -20}), 0u);
}

TEST(ByteBudget, wakes_waiters_when_it_gets_stuck) {
  ByteBudget budget(100);
  (void)budget.change({100, 10});
  budget.wait(1);
  EXPECT_EQ(budget.change({0, -10}), 0b10u);
}

}  // namespace
}  // namespace skein::transport

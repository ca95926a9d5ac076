#include "transport/reset_limit.h"

#include <gtest/gtest.h>

namespace skein::transport {
namespace {

TEST(ResetLimit, allows_a_burst_then_the_sustained_rate) {
  TimePoint now{};
  ResetLimit limit(2, now);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.allow(now)) << i;
  EXPECT_FALSE(limit.allow(now));
  now += std::chrono::seconds(1);
  EXPECT_TRUE(limit.allow(now));
  EXPECT_TRUE(limit.allow(now));
  EXPECT_FALSE(limit.allow(now));
}

}  // namespace
}  // namespace skein::transport

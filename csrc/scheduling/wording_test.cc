#include "scheduling/wording.h"

#include <gtest/gtest.h>

namespace skein::scheduling {
namespace {

using std::chrono::microseconds;

TEST(Wording, RoundsToTheSideThatTheWordSays) {
  EXPECT_EQ(at_least(microseconds(359)), "0.35 ms");
  EXPECT_EQ(at_most(microseconds(351)), "0.36 ms");
  EXPECT_EQ(at_least(microseconds(2480)), "2.4 ms");
  EXPECT_EQ(at_most(microseconds(2410)), "2.5 ms");
  EXPECT_EQ(at_least(microseconds(49900)), "49 ms");
  EXPECT_EQ(at_most(microseconds(50200)), "51 ms");
  EXPECT_EQ(at_least(Duration(0)), "0.00 ms");
}

}  // namespace
}  // namespace skein::scheduling

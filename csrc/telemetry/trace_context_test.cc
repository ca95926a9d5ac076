#include "telemetry/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace skein::telemetry {
namespace {

const std::string kIds = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";

TEST(TraceContext, ReadsIdsAndTheSampledFlag) {
  std::optional<TraceContext> context = parse_traceparent("00" + kIds + "01");
  ASSERT_TRUE(context.has_value());
  EXPECT_TRUE(context->present());
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->trace_id[0], 0x4b);
  EXPECT_EQ(context->trace_id[15], 0x36);
  EXPECT_EQ(context->span_id[1], 0xf0);
  EXPECT_EQ(context->span_id[7], 0xb7);
}

struct Case {
  std::string header;
  bool valid;
  bool sampled;
};

TEST(TraceContext, FollowsTheStandardInWhatItIgnores) {
  const std::string zero_trace = "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01";
  const std::string zero_span =
      "00-4bf92f3577b34da6a3ce929d0e0e4736-" + std::string(16, '0') + "-01";
  const Case table[] = {
      {"00" + kIds + "00", true, false},
      {"00" + kIds + "03", true, true},  // flags that we do not know
      {"00" + kIds + "fe", true, false},
      {"00" + kIds + "01-more", false, false},  // version 00 ends here
      {"cc" + kIds + "01", true, true},
      {"cc" + kIds + "01-what-comes-later", true, true},
      {"cc" + kIds + "01.later", false, false},
      {"ff" + kIds + "01", false, false},
      {zero_trace, false, false},
      {zero_span, false, false},
      {"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false, false},
      {"0x" + kIds + "01", false, false},
      {"00" + kIds + "0g", false, false},
      {"00" + kIds + "0", false, false},
      {"00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false, false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01", false, false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01", false, false},
      {" 00" + kIds + "01", false, false},
      {"", false, false},
  };
  for (const Case& each : table) {
    std::optional<TraceContext> context = parse_traceparent(each.header);
    EXPECT_EQ(context.has_value(), each.valid) << each.header;
    EXPECT_EQ(context && context->sampled, each.sampled) << each.header;
  }
}

}  // namespace
}  // namespace skein::telemetry

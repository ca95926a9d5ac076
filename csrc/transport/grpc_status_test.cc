#include "transport/grpc_status.h"

#include <gtest/gtest.h>

#include <set>

namespace skein::transport {
namespace {

TEST(GrpcStatus, every_code_has_its_own_number) {
  std::set<std::string_view> numbers;
  for (int i = 0; i < kCodeCount; ++i) {
    std::string_view number = grpc_status(static_cast<Code>(i));
    EXPECT_NE(number, "2") << name(static_cast<Code>(i)) << " is not mapped";
    EXPECT_TRUE(numbers.insert(number).second) << number;
  }
  EXPECT_EQ(grpc_status(Code::kInvalidArgument), "3");
  EXPECT_EQ(grpc_status(Code::kUnavailable), "14");
}

}  // namespace
}  // namespace skein::transport

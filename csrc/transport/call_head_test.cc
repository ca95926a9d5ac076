#include "transport/call_head.h"

#include <gtest/gtest.h>

namespace skein::transport {
namespace {

CallHead called_with(const char* method) {
  CallHead head(1000);
  head.add(":method", method);
  head.add(":path", "/a/b");
  head.add("content-type", "application/grpc");
  return head;
}

CallHead usual() { return called_with("POST"); }

TEST(CallHead, keeps_path_timeout_and_first_metadata) {
  CallHead head = usual();
  head.add("grpc-timeout", "5m");
  head.add("x-key", "one");
  head.add("x-key", "two");
  head.add("x-bytes-bin", "AAE");
  EXPECT_FALSE(head.refusal().has_value());
  EXPECT_EQ(head.path(), "/a/b");
  EXPECT_EQ(head.timeout(), Duration(std::chrono::milliseconds(5)));
  EXPECT_EQ(head.metadata("x-key"), "one");
  EXPECT_EQ(head.metadata("x-bytes-bin"), std::string_view("\0\1", 2));
  EXPECT_EQ(head.metadata("x-none"), std::nullopt);
  head.clear();
  EXPECT_EQ(head.metadata("x-key"), std::nullopt);
  EXPECT_EQ(head.list_size(), 0u);
}

TEST(CallHead, content_types_of_grpc_are_accepted) {
  for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc;v=1",
                           "application/grpc+proto;v=1"}) {
    CallHead head(1000);
    head.add(":method", "POST");
    head.add("content-type", type);
    EXPECT_FALSE(head.refusal().has_value()) << type;
  }
}

struct Wrong {
  const char* name;
  std::string value;
  Code code;
  int http_status;
};

TEST(CallHead, refuses_what_grpc_rules_out_and_quotes_it) {
  const Wrong table[] = {
      {"content-type", "text/plain", Code::kInvalidArgument, 415},
      {"content-type", "application/grpc+json", Code::kInvalidArgument, 415},
      {"content-type", "application/grpcx", Code::kInvalidArgument, 415},
      {"grpc-timeout", "soon", Code::kInvalidArgument, 200},
      {"grpc-encoding", "gzip", Code::kUnimplemented, 200},
  };
  for (const Wrong& wrong : table) {
    CallHead head = usual();
    head.add(wrong.name, wrong.value);
    auto refusal = head.refusal();
    ASSERT_TRUE(refusal.has_value()) << wrong.value;
    EXPECT_EQ(refusal->status.code(), wrong.code) << wrong.value;
    EXPECT_EQ(refusal->http_status, wrong.http_status) << wrong.value;
    EXPECT_NE(refusal->status.message().find(wrong.value), std::string::npos);
  }
}

TEST(CallHead, says_which_fields_may_be_added_again) {
  CallHead head(1000);
  EXPECT_EQ(head.add(":method", "POST"), KnownField::kMethod);
  EXPECT_EQ(head.add(":path", "/a/b"), std::nullopt);
  EXPECT_EQ(head.add("content-type", "application/grpc"), KnownField::kContentType);
  EXPECT_EQ(head.add("grpc-timeout", "1S"), std::nullopt);
  EXPECT_EQ(head.add("grpc-encoding", "gzip"), std::nullopt);
  EXPECT_EQ(head.add("x-key", "one"), KnownField::kOther);
  EXPECT_EQ(head.add("x-bin", "?"), std::nullopt);
  EXPECT_EQ(head.add("x-key", "line\nbreak"), std::nullopt);
}

TEST(CallHead, what_is_added_again_counts_as_the_first_time) {
  CallHead head(1000);
  head.add_again(KnownField::kMethod, ":method", "POST");
  head.add_again(KnownField::kScheme, ":scheme", "http");
  head.add_again(KnownField::kAuthority, ":authority", "test");
  head.add(":path", "/a/b");
  head.add_again(KnownField::kContentType, "content-type", "application/grpc");
  head.add_again(KnownField::kOther, "x-key", "one");
  EXPECT_FALSE(head.malformed());
  EXPECT_FALSE(head.refusal().has_value());
  EXPECT_EQ(head.metadata("x-key"), "one");
  head.add_again(KnownField::kScheme, ":scheme", "http");  // a pseudo-header after a header
  EXPECT_TRUE(head.malformed());
}

TEST(CallHead, refuses_other_methods) {
  auto refusal = called_with("GET").refusal();
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->http_status, 405);
  EXPECT_NE(refusal->status.message().find("'GET'"), std::string::npos);
}

TEST(CallHead, refuses_bad_binary_metadata_and_a_missing_content_type) {
  CallHead head = usual();
  head.add("x-bin", "?");
  EXPECT_NE(head.refusal()->status.message().find("x-bin"), std::string::npos);
  CallHead bare(1000);
  bare.add(":method", "POST");
  EXPECT_EQ(bare.refusal()->http_status, 415);
}

TEST(CallHead, counts_but_does_not_keep_more_than_the_limit) {
  CallHead head = usual();
  for (int i = 0; i < 100; ++i) head.add("x-filler", std::string(100, 'f'));
  head.add("x-late", "1");
  EXPECT_EQ(head.refusal()->http_status, 431);
  EXPECT_EQ(head.metadata("x-late"), std::nullopt);
}

}  // namespace
}  // namespace skein::transport

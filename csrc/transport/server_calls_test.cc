// Calls over a real socket: answers, refusals, cancellation, deadlines.
#include <gtest/gtest.h>

#include "transport/test_client.h"
#include "transport/test_server.h"

namespace skein::transport {
namespace {

using Calls = ServerTest;

TEST_F(Calls, unary_echo) {
  start();
  TestClient client(port_);
  const TestReply& reply = client.ask(kEcho, "hello");
  EXPECT_EQ(reply.field(":status"), "200");
  EXPECT_EQ(reply.field("content-type"), "application/grpc");
  EXPECT_EQ(reply.status(), "0");
  EXPECT_EQ(reply.body, framed("hello"));
  EXPECT_GE(echo_.turns.load(), 1);
}

TEST_F(Calls, empty_and_large_messages_come_back_whole) {
  start();
  TestClient client(port_);
  EXPECT_EQ(client.ask(kEcho, "").body, framed(""));
  std::string large(8 << 20, 'x');
  for (size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i);
  EXPECT_EQ(client.ask(kEcho, large).body, framed(large));
  EXPECT_TRUE(nothing_left());
}

TEST_F(Calls, many_streams_on_several_io_threads) {
  ServerOptions options;
  options.io_threads = 3;
  start(options);
  for (int c = 0; c < 4; ++c) {
    TestClient client(port_);
    std::vector<int32_t> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(client.call(kEcho, std::to_string(i)));
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(client.wait(ids[i]).body, framed(std::to_string(i)));
    }
  }
  EXPECT_TRUE(nothing_left());
}

TEST_F(Calls, finish_from_another_thread) {
  start();
  TestClient client(port_);
  int32_t id = client.call(kHeld, "x");
  client.flush();
  held_.take().finish(invalid_argument("100% wr\xC3\xB6ng"));
  EXPECT_EQ(client.wait(id).status(), "3");
  EXPECT_EQ(client.reply(id).message(), "100%25 wr%C3%B6ng");
  EXPECT_EQ(client.reply(id).body, "");
}

TEST_F(Calls, several_messages_then_finish) {
  start();
  TestClient client(port_);
  int32_t id = client.call(kHeld, "x");
  client.flush();
  Call& call = held_.take();
  std::string expected;
  for (const char* part : {"one", "two", "three"}) {
    Body body;
    body.append(copy_of(part));
    call.send(std::move(body));
    expected += framed(part);
  }
  call.finish({});
  EXPECT_EQ(client.wait(id).body, expected);
  EXPECT_EQ(client.reply(id).status(), "0");
}

TEST_F(Calls, unknown_method_is_unimplemented_by_name) {
  start();
  TestClient client(port_);
  const TestReply& reply = client.ask("/test.Test/Nothing", "x");
  EXPECT_EQ(reply.status(), "12");
  EXPECT_NE(reply.message().find("/test.Test/Nothing"), std::string::npos);
}

TEST_F(Calls, wrong_content_type_is_http_415) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kEcho);
  fields.back().second = "application/json";
  EXPECT_EQ(client.wait(client.open(fields, "{}")).field(":status"), "415");
}

TEST_F(Calls, other_encodings_are_refused_with_what_is_accepted) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kEcho);
  fields.emplace_back("grpc-encoding", "gzip");
  const TestReply& reply = client.wait(client.open(fields, framed("x")));
  EXPECT_EQ(reply.status(), "12");
  EXPECT_EQ(reply.field("grpc-accept-encoding"), "identity");
}

TEST_F(Calls, a_refusal_that_comes_again_reads_the_same) {
  start();
  TestClient client(port_);
  for (const char* path : {"/none/a", "/none/a", "/none/a", "/none/b", "/none/a", "/none/a%"}) {
    const TestReply& reply = client.ask(path, "x");
    EXPECT_EQ(reply.status(), "12");
    std::string shown = path == std::string("/none/a%") ? "/none/a%25" : path;
    EXPECT_EQ(reply.message(), "unknown method " + shown);
  }
}

TEST_F(Calls, headers_that_change_from_call_to_call_are_read_anew) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kHeld);
  fields.emplace_back("x-key", "");
  for (const char* value : {"one", "one", "two", "one", "three", "two"}) {
    fields.back().second = value;
    int32_t id = client.open(fields, framed("x"));
    client.flush();
    Call& call = held_.take();
    EXPECT_EQ(call.metadata("x-key"), value);
    call.finish({});
    EXPECT_EQ(client.wait(id).status(), "0");
  }
  fields.emplace_back("connection", "close");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.wait(client.open(fields, framed("x"))).error_code,
              static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  }
}

TEST_F(Calls, compressed_flag_without_encoding_is_internal) {
  start();
  TestClient client(port_);
  EXPECT_EQ(client.wait(client.open(TestClient::usual(kEcho), framed("x", 1))).status(), "13");
}

TEST_F(Calls, too_many_too_few_and_truncated_messages) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kEcho);
  EXPECT_EQ(client.wait(client.open(fields, framed("a") + framed("b"))).status(), "12");
  EXPECT_EQ(client.wait(client.open(fields, "")).status(), "13");
  EXPECT_EQ(client.wait(client.open(fields, framed("abc").substr(0, 6))).status(), "13");
  EXPECT_EQ(client.wait(client.open(fields, framed("abc").substr(0, 3))).status(), "13");
  EXPECT_EQ(client.ask(kEcho, "ok").status(), "0");
  EXPECT_TRUE(nothing_left());
}

TEST_F(Calls, oversize_is_refused_by_its_prefix_and_the_stream_reset) {
  ServerOptions options;
  options.max_message_bytes = 1000;
  start(options);
  TestClient client(port_);
  int32_t id = client.open(TestClient::usual(kEcho), framed(std::string(1001, 'x')).substr(0, 5),
                           /*end=*/false);
  const TestReply& reply = client.wait(id);
  EXPECT_EQ(reply.status(), "8");
  EXPECT_NE(reply.message().find("1001"), std::string::npos);
  EXPECT_NE(reply.message().find("1000"), std::string::npos);
  EXPECT_EQ(reply.error_code, static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_EQ(client.ask(kEcho, std::string(1000, 'x')).status(), "0");
}

TEST_F(Calls, metadata_reaches_the_handler) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kHeld);
  fields.emplace_back("x-key", "value");
  int32_t id = client.open(fields, framed("x"));
  client.flush();
  Call& call = held_.take();
  EXPECT_EQ(call.metadata("x-key"), "value");
  EXPECT_EQ(call.path(), kHeld);
  EXPECT_TRUE(call.peer().starts_with("127.0.0.1:")) << call.peer();
  EXPECT_EQ(call.deadline(), kNever);
  call.finish({});
  EXPECT_EQ(client.wait(id).status(), "0");
}

TEST_F(Calls, a_reset_tells_the_handler_once_and_frees_after_finish) {
  start();
  TestClient client(port_);
  int32_t id = client.call(kHeld, "x");
  client.flush();
  Call& call = held_.take();
  client.reset(id);
  client.flush();
  EXPECT_EQ(held_.take_abandoned(), Abandoned::kCancelled);
  EXPECT_TRUE(call.abandoned());
  EXPECT_EQ(server_->stats().calls_running, 1);
  call.finish({});
  EXPECT_TRUE(nothing_left());
  EXPECT_EQ(held_.abandoned_count(), 0u);
}

TEST_F(Calls, a_lost_connection_abandons_its_calls) {
  start();
  auto client = std::make_unique<TestClient>(port_);
  client->call(kHeld, std::string(100, 'x'));
  client->flush();
  Call& call = held_.take();
  client.reset();
  EXPECT_EQ(held_.take_abandoned(), Abandoned::kCancelled);
  EXPECT_TRUE(call.peer().starts_with("127.0.0.1:"));
  EXPECT_EQ(call.message().size, 100u);
  EXPECT_EQ(server_->stats().inflight_bytes, 100);
  call.finish({});
  EXPECT_TRUE(nothing_left());
}

TEST_F(Calls, a_connection_lost_inside_a_message_leaves_nothing) {
  start();
  for (int i = 0; i < 50; ++i) {
    TestClient client(port_);
    client.open(TestClient::usual(kEcho), framed(std::string(5000, 'x')).substr(0, 3000), false);
    client.flush();
  }
  EXPECT_TRUE(nothing_left());
  TestClient client(port_);
  EXPECT_EQ(client.ask(kEcho, "ok").status(), "0");
}

TEST_F(Calls, an_expired_call_is_answered_and_its_late_reply_dropped) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kHeld);
  fields.emplace_back("grpc-timeout", "1m");
  int32_t id = client.open(fields, framed("x"));
  EXPECT_EQ(client.wait(id).status(), "4");
  EXPECT_EQ(held_.take_abandoned(), Abandoned::kExpired);
  Call& call = held_.take();
  EXPECT_TRUE(call.abandoned());
  Body body;
  body.append(copy_of("late"));
  call.finish_with(std::move(body));
  EXPECT_TRUE(nothing_left());
  EXPECT_EQ(client.reply(id).body, "");
}

TEST_F(Calls, a_call_that_never_sends_its_message_expires) {
  start();
  TestClient client(port_);
  auto fields = TestClient::usual(kEcho);
  fields.emplace_back("grpc-timeout", "1m");
  EXPECT_EQ(client.wait(client.open(fields, "", false)).status(), "4");
  fields.back().second = "0S";
  EXPECT_EQ(client.wait(client.open(fields, framed("x"))).status(), "4");
  EXPECT_TRUE(nothing_left());
}

}  // namespace
}  // namespace skein::transport

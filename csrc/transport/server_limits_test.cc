// What the server does with clients that take too much.
#include <gtest/gtest.h>

#include "transport/test_client.h"
#include "transport/test_server.h"

namespace skein::transport {
namespace {

using Limits = ServerTest;

TEST_F(Limits, headers_beyond_the_limit_are_refused) {
  ServerOptions options;
  options.max_header_list_bytes = 1000;
  start(options);
  TestClient client(port_);
  auto fields = TestClient::usual(kEcho);
  fields.emplace_back("x-filler", std::string(2000, 'f'));
  const TestReply& reply = client.wait(client.open(fields, framed("x")));
  EXPECT_EQ(reply.field(":status"), "431");
  EXPECT_EQ(reply.status(), "8");
}

TEST_F(Limits, connections_beyond_the_limit_are_closed) {
  ServerOptions options;
  options.max_connections = 1;
  start(options);
  TestClient first(port_);
  EXPECT_EQ(first.ask(kEcho, "x").status(), "0");
  TestClient second(port_);
  EXPECT_TRUE(second.wait_for_end());
  EXPECT_FALSE(second.greeted());
  EXPECT_EQ(server_->stats().connections_refused, 1u);
  EXPECT_EQ(first.ask(kEcho, "x").status(), "0");
}

TEST_F(Limits, a_client_that_only_resets_is_told_to_calm_down) {
  ServerOptions options;
  options.max_resets_per_second = 10;
  start(options);
  TestClient client(port_);
  for (int i = 0; i < 2000 && !client.goaway(); ++i) {
    int32_t id = client.open(TestClient::usual(kEcho), "", false);
    client.flush();
    client.reset(id);
    client.flush();
  }
  EXPECT_TRUE(client.run_until([&] { return client.goaway(); }));
  EXPECT_EQ(client.goaway_error(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_TRUE(nothing_left());
}

TEST_F(Limits, a_silent_connection_ends_after_the_handshake_timeout) {
  ServerOptions options;
  options.handshake_timeout = std::chrono::milliseconds(1);
  start(options);
  TestClient client(port_);
  EXPECT_TRUE(eventually([&] { return server_->stats().connections_total == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->stats().connections == 0; }));
}

TEST_F(Limits, an_idle_connection_gets_goaway) {
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(1);
  start(options);
  TestClient client(port_);
  EXPECT_TRUE(client.run_until([&] { return client.goaway(); }));
  EXPECT_EQ(client.goaway_error(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
}

TEST_F(Limits, an_old_connection_gets_goaway_and_finishes_its_call) {
  ServerOptions options;
  options.max_connection_age = std::chrono::milliseconds(1);
  start(options);
  TestClient client(port_);
  int32_t id = client.call(kHeld, "x");
  EXPECT_TRUE(client.run_until([&] { return client.goaway(); }));
  Body body;
  body.append(copy_of("done"));
  held_.take().finish_with(std::move(body));
  EXPECT_EQ(client.wait(id).body, framed("done"));
}

TEST_F(Limits, a_client_that_does_not_read_is_held_back_and_others_are_served) {
  constexpr int64_t kBudget = 4 << 20;
  ServerOptions options;
  options.max_connection_inflight_bytes = kBudget;
  start(options);
  TestClient greedy(port_, /*window=*/0);
  std::vector<int32_t> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(greedy.call(kEcho, std::string(1 << 20, 'x')));
  // PINGs, so that something comes back even when the server holds the client back.
  EXPECT_TRUE(greedy.run_until([&] {
    greedy.ping();
    greedy.flush();
    return server_->stats().inflight_bytes >= kBudget;
  }));
  TestClient other(port_);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(other.ask(kEcho, "x").status(), "0");
  EXPECT_LE(server_->stats().inflight_bytes, kBudget + kBudget / 2);
  greedy.disconnect();
  EXPECT_TRUE(nothing_left());
}

TEST_F(Limits, partial_messages_that_fill_the_budget_are_refused_not_waited_for) {
  ServerOptions options;
  options.max_inflight_bytes = 1 << 20;
  start(options);
  TestClient client(port_);
  std::vector<int32_t> ids;
  std::string most = framed(std::string(600'000, 'x')).substr(0, 500'000);
  for (int i = 0; i < 4; ++i) ids.push_back(client.open(TestClient::usual(kEcho), most, false));
  EXPECT_TRUE(client.run_until([&] { return client.replies_closed() >= 1; }));
  for (int32_t id : ids) {
    if (client.reply(id).closed) {
      EXPECT_EQ(client.reply(id).status(), "8");
      EXPECT_NE(client.reply(id).message().find("budget"), std::string::npos);
    } else {
      client.send_more(id, std::string(100'005, 'x'), true);
    }
  }
  EXPECT_TRUE(client.run_until([&] { return client.replies_closed() == ids.size(); }));
  EXPECT_TRUE(nothing_left());
}

TEST_F(Limits, a_freed_server_budget_wakes_connections_on_other_threads) {
  ServerOptions options;
  options.io_threads = 2;
  options.max_inflight_bytes = 1 << 20;
  start(options);
  TestClient holder(port_);
  int32_t held = holder.call(kHeld, std::string(1 << 20, 'h'));
  EXPECT_TRUE(holder.run_until([&] {
    holder.ping();
    holder.flush();
    return server_->stats().calls_running == 1;
  }));
  Call& call = held_.take();
  TestClient waiting(port_);
  int32_t id = waiting.call(kEcho, std::string(500'000, 'x'));
  waiting.flush();
  call.finish({});
  const TestReply& reply = waiting.wait(id);
  EXPECT_TRUE(reply.status() == "0" || reply.status() == "8") << reply.status();
  EXPECT_EQ(holder.wait(held).status(), "0");
  EXPECT_EQ(waiting.ask(kEcho, std::string(500'000, 'x')).status(), "0");
  EXPECT_TRUE(nothing_left());
}

}  // namespace
}  // namespace skein::transport

// Listening, drain, stop, tasks on I/O threads.
#include <gtest/gtest.h>

#include <future>

#include "transport/test_client.h"
#include "transport/test_server.h"

namespace skein::transport {
namespace {

using Life = ServerTest;

TEST_F(Life, a_second_server_on_the_port_fails_and_names_it) {
  start();
  auto other = Server::create({}, *this);
  ASSERT_TRUE(other.ok());
  auto port = other.value()->listen_tcp("127.0.0.1", port_);
  ASSERT_FALSE(port.ok());
  EXPECT_NE(port.status().message().find(std::to_string(port_)), std::string::npos);
}

TEST_F(Life, a_live_unix_socket_is_an_error_and_a_stale_one_replaced) {
  start();
  std::string path = ::testing::TempDir() + "skein_transport_" + std::to_string(::getpid());
  ASSERT_TRUE(server_->listen_unix(path).ok());
  EXPECT_FALSE(server_->listen_unix(path).ok());
  server_->stop();
  start();
  EXPECT_TRUE(server_->listen_unix(path).ok());
  EXPECT_FALSE(server_->listen_unix(std::string(200, 'p')).ok());
}

TEST_F(Life, drain_finishes_accepted_calls_and_refuses_connections) {
  start();
  TestClient client(port_);
  int32_t id = client.call(kHeld, "x");
  client.flush();
  Call& call = held_.take();
  auto drained =
      std::async(std::launch::async, [this] { return server_->drain(std::chrono::seconds(60)); });
  EXPECT_TRUE(client.run_until([&] { return client.goaway(); }));
  Body body;
  body.append(copy_of("done"));
  call.finish_with(std::move(body));
  EXPECT_EQ(client.wait(id).body, framed("done"));
  EXPECT_TRUE(client.wait_for_end());
  client.disconnect();
  EXPECT_TRUE(drained.get());
  EXPECT_FALSE(TestClient(port_).connected());
}

TEST_F(Life, drain_cuts_what_outlasts_its_window_and_says_so) {
  start();
  TestClient client(port_);
  client.call(kHeld, "x");
  client.flush();
  Call& call = held_.take();
  EXPECT_FALSE(server_->drain(Duration::zero()));
  EXPECT_EQ(held_.take_abandoned(), Abandoned::kCancelled);
  call.finish({});
  EXPECT_TRUE(nothing_left());
}

TEST_F(Life, stop_waits_for_owed_finishes) {
  start();
  TestClient client(port_);
  client.call(kHeld, "x");
  client.flush();
  Call& call = held_.take();
  auto stopped = std::async(std::launch::async, [this] { server_->stop(); });
  EXPECT_EQ(held_.take_abandoned(), Abandoned::kCancelled);
  call.finish({});
  stopped.get();
  EXPECT_EQ(server_->stats().calls_running, 0);
  server_->stop();
}

TEST_F(Life, tasks_run_on_every_io_thread) {
  ServerOptions options;
  options.io_threads = 3;
  start(options);
  std::atomic<int> seen{0};
  server_->run_on_io_threads([&](int thread) { seen |= 1 << thread; });
  EXPECT_EQ(seen.load(), 0b111);
}

TEST_F(Life, bytes_that_are_no_http2_end_the_connection) {
  start();
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port_));
  ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
  char buffer[4096];
  while (::recv(socket, buffer, sizeof buffer, 0) > 0) {
  }
  ::close(socket);
  EXPECT_TRUE(eventually([&] { return server_->stats().connections == 0; }));
}

TEST_F(Life, unsound_options_are_refused) {
  ServerOptions options;
  options.io_threads = 0;
  EXPECT_FALSE(Server::create(options, *this).ok());
}

}  // namespace
}  // namespace skein::transport

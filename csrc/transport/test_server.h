// A server on a free port with an echo method and one whose calls the test finishes itself.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "transport/server.h"

namespace skein::transport {

inline constexpr char kEcho[] = "/test.Test/Echo";
inline constexpr char kHeld[] = "/test.Test/Held";

class EchoHandler final : public Handler {
 public:
  void on_call(Call& call) override {
    Body body;
    body.append(call.message());
    call.finish_with(std::move(body));
  }
  void on_turn_end(int) override { ++turns; }
  std::atomic<int> turns{0};
};

// Keeps its calls until the test takes them.
class HoldingHandler final : public Handler, public AbandonListener {
 public:
  void on_call(Call& call) override {
    call.set_abandon_listener(this);
    std::lock_guard lock(mutex_);
    calls_.push_back(&call);
    changed_.notify_all();
  }
  void on_abandoned(Call&, Abandoned why) override {
    std::lock_guard lock(mutex_);
    abandoned_.push_back(why);
    changed_.notify_all();
  }
  Call& take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !calls_.empty(); });
    Call& call = *calls_.front();
    calls_.pop_front();
    return call;
  }
  Abandoned take_abandoned() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !abandoned_.empty(); });
    Abandoned why = abandoned_.front();
    abandoned_.pop_front();
    return why;
  }
  size_t abandoned_count() {
    std::lock_guard lock(mutex_);
    return abandoned_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call*> calls_;
  std::deque<Abandoned> abandoned_;
};

class ServerTest : public ::testing::Test, public Router {
 protected:
  void start(const ServerOptions& options = {}) {
    auto created = Server::create(options, *this);
    ASSERT_TRUE(created.ok()) << created.status().message();
    server_ = std::move(created.value());
    auto port = server_->listen_tcp("127.0.0.1", 0);
    ASSERT_TRUE(port.ok()) << port.status().message();
    port_ = *port;
  }
  Handler* find(std::string_view path) override {
    if (path == kEcho) return &echo_;
    if (path == kHeld) return &held_;
    return nullptr;
  }
  // Lets the I/O threads turn until `condition` holds; false after very many turns.
  bool eventually(const std::function<bool()>& condition) {
    constexpr int kTurns = 200'000;
    for (int i = 0; i < kTurns; ++i) {
      if (condition()) return true;
      server_->run_on_io_threads([](int) {});
    }
    return false;
  }
  bool nothing_left() {
    return eventually([this] {
      ServerStats stats = server_->stats();
      return stats.streams == 0 && stats.calls_running == 0 && stats.inflight_bytes == 0;
    });
  }

  EchoHandler echo_;
  HoldingHandler held_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

}  // namespace skein::transport

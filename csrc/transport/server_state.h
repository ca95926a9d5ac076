// What all I/O threads of one server share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "transport/byte_budget.h"
#include "transport/server.h"

namespace skein::transport {

class IoThread;

struct ServerState {
  ServerState(const ServerOptions& server_options, Router& server_router)
      : options(server_options), router(server_router), budget(options.max_inflight_bytes) {}

  void connection_opened() { connections.fetch_add(1, std::memory_order_relaxed); }
  void connection_closed() {
    std::lock_guard lock(mutex);
    if (connections.fetch_sub(1, std::memory_order_acq_rel) == 1) none_open.notify_all();
  }

  const ServerOptions options;
  Router& router;
  ByteBudget budget;
  std::vector<std::unique_ptr<IoThread>> threads;

  std::atomic<int64_t> connections{0};
  std::atomic<uint64_t> connections_total{0};
  std::atomic<uint64_t> connections_refused{0};
  // A call was accepted and then closed by us before its answer was written.
  std::atomic<uint64_t> calls_cut{0};

  std::mutex mutex;
  std::condition_variable none_open;  // connections became 0
};

// Counters of one I/O thread: written by it alone, read by anyone.
class Counter {
 public:
  void add(int64_t delta) {
    value_.store(value_.load(std::memory_order_relaxed) + delta, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

struct IoCounters {
  Counter streams;
  Counter calls_running;
  Counter calls_total;
  Counter resets_received;
};

}  // namespace skein::transport

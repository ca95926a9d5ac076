// The listening side: I/O threads, listeners, limits, drain.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "transport/call.h"

namespace skein::transport {

using std::chrono::seconds;

// Every limit has a default that is safe on a small machine; 0 means "no limit" only where said.
struct ServerOptions {
  int io_threads = 1;
  int64_t max_message_bytes = 64 << 20;               // larger requests: RESOURCE_EXHAUSTED
  int64_t max_inflight_bytes = int64_t{1} << 30;      // request + unsent response bytes, all calls
  int64_t max_connection_inflight_bytes = 256 << 20;  // the same for one connection
  int64_t max_header_list_bytes = 16 << 10;
  int max_concurrent_streams = 1024;                // per connection
  int max_connections = 4096;                       // further ones are closed at once
  Duration handshake_timeout = seconds(10);         // connect -> HTTP/2 SETTINGS received
  Duration idle_timeout = seconds(0);               // no stream open this long: GOAWAY; 0: never
  Duration max_connection_age = seconds(0);         // then GOAWAY; 0: never
  Duration max_connection_age_grace = seconds(60);  // then open streams are cut
  Duration keepalive_time = seconds(7200);          // silence before a PING is sent
  Duration keepalive_timeout = seconds(20);         // no PING ack this long: connection is cut
  int max_resets_per_second = 200;  // RST_STREAM by one client, sustained (burst 10x); more: GOAWAY
};

// A consistent-enough copy of counters, for metrics and tests.
struct ServerStats {
  int64_t connections = 0;  // open now
  uint64_t connections_total = 0;
  uint64_t connections_refused = 0;  // over max_connections
  int64_t streams = 0;               // open now
  int64_t calls_running = 0;         // handed to a handler, finish() still owed
  uint64_t calls_total = 0;
  int64_t inflight_bytes = 0;
  uint64_t resets_received = 0;
};

class Server {
 public:
  // `router` must outlive the server. Starts the I/O threads; nothing listens yet.
  static Result<std::unique_ptr<Server>> create(const ServerOptions& options, Router& router);
  virtual ~Server() = default;  // stop()s

  // Listens on host:port (exclusive: no SO_REUSEPORT; SO_REUSEADDR only) and returns the bound
  // port; port 0 picks a free one. The message of a failure names address and reason.
  virtual Result<int> listen_tcp(const std::string& host, int port) = 0;
  // Listens on a Unix socket; a stale socket file is replaced, a live one is an error.
  virtual Status listen_unix(const std::string& path) = 0;

  // Runs `task` on every I/O thread between loop turns and returns when all have run it. This is
  // how a routing snapshot is swapped: afterwards no I/O thread uses the old one.
  virtual void run_on_io_threads(const std::function<void(int io_thread)>& task) = 0;

  // Stops accepting, sends GOAWAY on every connection, lets accepted calls finish until
  // `window` has passed, then closes. New calls on old connections get UNAVAILABLE.
  // Returns true when every accepted call was answered. Blocks the caller.
  virtual bool drain(Duration window) = 0;
  // Closes everything at once and joins the I/O threads. Calls still owed a finish() stay valid
  // until they get it: stop() waits for that, so the handlers must be finishing them. Idempotent.
  virtual void stop() = 0;

  virtual ServerStats stats() const = 0;
};

}  // namespace skein::transport

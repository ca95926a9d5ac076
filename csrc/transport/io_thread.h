// One event loop: its connections, calls, timers and outbox. Everything but post() and push()
// belongs to its own thread.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "transport/file_descriptor.h"
#include "transport/http2_memory.h"
#include "transport/outbox.h"
#include "transport/server_state.h"
#include "transport/timers.h"

namespace skein::transport {

class ByteStream;
class Connection;
class StreamCall;

// Something epoll reports about.
class EventSource {
 public:
  virtual void on_events(uint32_t events) = 0;

 protected:
  ~EventSource() = default;
};

class IoThread {
 public:
  IoThread(int index, ServerState& server);
  ~IoThread();  // after join()

  Status start();
  void join() { thread_.join(); }

  // --- Any thread. ---
  void push(OutboxItem* item) {
    if (outbox_.push(item)) wake();
  }
  // Runs `task` on this thread between loop turns.
  void post(std::function<void()> task);
  const IoCounters& counters() const { return counters_; }
  // Connections it has or is about to get.
  int load() const { return load_.load(std::memory_order_relaxed); }
  void add_load() { load_.fetch_add(1, std::memory_order_relaxed); }

  // --- This thread only. ---
  int index() const { return index_; }
  ServerState& server() { return server_; }
  const ServerOptions& options() const { return server_.options; }
  IoCounters& counters() { return counters_; }
  TimerHeap& timers() { return timers_; }
  Http2Memory& http2_memory() { return http2_memory_; }
  TimePoint now() const { return now_; }
  // Reads the clock again.
  TimePoint refresh_now();
  // Where sockets are read to; contents last until the next read.
  std::span<std::byte> receive_buffer() { return receive_buffer_; }

  bool watch(int descriptor, uint32_t events, EventSource& source);
  void rewatch(int descriptor, uint32_t events, EventSource& source);
  void unwatch(int descriptor);

  void adopt(std::unique_ptr<ByteStream> stream, std::string peer);
  // The connection has something to write or to settle at the end of this turn.
  void mark_dirty(Connection& connection);
  // Destroys it at the end of this turn.
  void mark_dead(Connection& connection);
  // The connection holds its client back until the budget allows more.
  void mark_starved(Connection& connection);
  // Counts bytes held and wakes the I/O threads that waited for them to become fewer.
  void change_budget(HeldBytes delta);
  // Looks again at what was held back.
  void retry_starved();
  // The handler was given a call in this turn.
  void mark_handler(Handler& handler);

  StreamCall& acquire_call();
  void recycle(StreamCall& call);
  // Changes whenever a task ran: a handler found earlier may be gone by then.
  uint64_t epoch() const { return epoch_; }

  // GOAWAY on every connection.
  void drain();
  // Closes every connection at once.
  void cut();
  // Ends the loop once every call owed an answer has got it.
  void stop();

 private:
  class Task;
  void run();
  void wait_for_events();
  void end_turn();
  void flush_dirty();
  void bury_dead();
  void wake();
  int sleep_milliseconds() const;

  const int index_;
  ServerState& server_;
  FileDescriptor epoll_;
  FileDescriptor wake_;
  Outbox outbox_;
  IoCounters counters_;
  std::atomic<int> load_{0};
  std::thread thread_;

  TimePoint now_{};
  Http2Memory http2_memory_;
  TimerHeap timers_;
  std::vector<std::byte> receive_buffer_;
  std::vector<Connection*> connections_;  // owned
  std::vector<Connection*> dirty_;
  std::vector<Connection*> flushing_;
  std::vector<Connection*> dead_;
  std::vector<Connection*> starved_;
  std::vector<Handler*> handlers_;
  std::vector<StreamCall*> free_calls_;  // owned
  uint64_t epoch_ = 0;
  bool stopping_ = false;
};

}  // namespace skein::transport

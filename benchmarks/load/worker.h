// One thread of the generator: its connections, its schedule, its share of the results.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "load/arrivals.h"
#include "load/connection.h"
#include "load/options.h"
#include "load/results.h"

namespace skein::load {

// When a worker measures. All workers share `begin`.
struct Plan {
  TimePoint begin;        // calls count from here
  TimePoint end;          // kNever when `requests` decides
  uint64_t requests = 0;  // measured calls of this worker; 0: until `end`
  double rate = 0;        // open loop: this worker's
  uint64_t seed = 0;
  TimePoint start;  // first possible arrival of an open loop
};

class Worker final : public CallObserver {
 public:
  // Takes over the sockets. Everything else must outlive the worker.
  Worker(const Options& options, const Plan& plan, const RequestHeaders& headers,
         const std::vector<Message>& messages, const std::vector<int>& sockets);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Sends until the measurement ends, calls `measured`, then waits (up to 10 s) for open calls.
  void run(const std::function<void()>& measured);
  // Valid after run().
  const Results& results() const { return results_; }

  void call_ended(TimePoint start, Outcome outcome) override;
  void status_message(std::string_view message) override;

 private:
  struct Peer {
    std::unique_ptr<Connection> connection;
    uint64_t index = 0;           // what epoll knows it by
    bool watching_write = false;  // epoll reports when the socket takes more
    bool lost = false;            // closed by the server, and counted
  };

  bool in_window(TimePoint time) const { return time >= plan_.begin && time < plan_.end; }
  bool counts(TimePoint start) const { return in_window(options_.open_loop() ? start : now_); }
  bool finished() const;
  bool start_call(Connection& connection, TimePoint start);
  void refill(Peer& peer);
  void schedule_arrivals();
  void send_waiting();
  Connection* next_with_room();
  TimePoint next_wake() const;
  void turn(TimePoint wake);
  void flush(Peer& peer);
  void give_up_open_calls();

  const Options& options_;
  Plan plan_;
  const std::vector<Message>& messages_;
  ArrivalSequence arrivals_;
  std::vector<Peer> peers_;
  std::deque<TimePoint> waiting_;  // arrivals that no connection had room for
  size_t next_peer_ = 0;
  size_t next_message_ = 0;
  size_t open_connections_;
  uint64_t counted_ = 0;  // towards plan_.requests
  bool sending_ = true;
  TimePoint now_{};
  int epoll_;
  Results results_;
};

}  // namespace skein::load

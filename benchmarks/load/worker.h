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
#include "load/record.h"
#include "load/results.h"
#include "load/trace.h"

namespace skein::load {

// When a worker measures. All workers share `begin`.
struct Plan {
  TimePoint begin;        // calls count from here
  TimePoint end;          // kNever when `requests` decides
  uint64_t requests = 0;  // closed loop: measured calls of this worker; 0: until `end`
  TimePoint start;        // where the offsets of a trace begin
  size_t thread = 0;      // which of them it is
};

// What all workers send. Each writes only its own rows of the record, which is empty when none
// is asked for.
struct Workload {
  std::vector<Message> messages;
  std::vector<TraceRow> trace;
  std::vector<RecordRow> record;
};

class Worker final : public CallObserver {
 public:
  // Takes over the sockets. Everything else must outlive the worker.
  Worker(const Options& options, const Plan& plan, const RequestHeaders& headers,
         Workload& workload, const std::vector<int>& sockets);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Sends until the measurement ends, calls `measured`, then waits (up to 10 s) for open calls.
  void run(const std::function<void()>& measured);
  // Valid after run().
  const Results& results() const { return results_; }

  void call_ended(const Arrival& arrival, Ending ending) override;
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
  bool recorded() const { return !workload_.record.empty(); }
  int64_t since_start() const { return (now_ - plan_.start).count(); }
  uint32_t timeout_of(const Arrival& arrival) const;
  bool start_call(Connection& connection, const Arrival& arrival);
  void refill(Peer& peer);
  void send_due();
  bool send(const Arrival& arrival);
  void hold(const Arrival& arrival);
  Connection* next_with_room();
  TimePoint next_wake() const;
  void turn(TimePoint wake);
  void flush(Peer& peer);
  void give_up_open_calls();

  const Options& options_;
  Plan plan_;
  Workload& workload_;
  ArrivalSequence arrivals_;
  std::vector<Peer> peers_;
  std::deque<Arrival> waiting_;  // those that no connection had room for
  size_t next_peer_ = 0;
  uint32_t next_body_ = 0;  // of a closed loop
  size_t open_connections_;
  uint64_t counted_ = 0;  // towards plan_.requests
  bool sending_ = true;
  TimePoint now_{};
  int epoll_;
  Results results_;
};

}  // namespace skein::load

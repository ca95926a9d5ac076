// One HTTP/2 connection of the load generator. Used by one thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "load/arrivals.h"
#include "load/outcome.h"
#include "load/request.h"

namespace skein::load {

struct Ending {
  Outcome outcome;
  int32_t pushback_ms = -1;  // grpc-retry-pushback-ms of the answer; -1: it had none
};

// Told of every call's end, exactly once per submit().
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // `arrival` is what submit() got.
  virtual void call_ended(const Arrival& arrival, Ending ending) = 0;
  // grpc-message of an answer, percent-encoded.
  virtual void status_message(std::string_view message) = 0;
};

struct ReplyCheck {
  std::optional<uint64_t> expect_bytes;
};

class Connection {
 public:
  // Takes over `fd`. `headers` and `observer` must outlive the connection.
  Connection(int fd, const RequestHeaders& headers, ReplyCheck check, CallObserver& observer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Starts a call; `message` must outlive it. Sends nothing before flush().
  // `timeout_us` goes into grpc-timeout; 0: none.
  // false: the server said goodbye or the connection is lost, and nothing was started.
  bool submit(const Message& message, const Arrival& arrival, uint32_t timeout_us);

  // Whether the server allows another concurrent stream.
  bool has_room() const;

  // Reads and handles what has arrived, up to a bound, so that other connections get their turn.
  void read();
  // Writes until there is nothing left or the socket is full.
  void flush();
  // Ends every call in flight as `outcome` and closes the socket.
  void close(Outcome outcome);

  int fd() const { return fd_; }
  bool closed() const { return fd_ < 0; }
  bool wants_write() const { return sent_ < out_.size(); }
  size_t in_flight() const { return in_flight_; }

 private:
  struct Call {
    Arrival arrival;
    const Message* message = nullptr;
    size_t sent = 0;
    uint64_t received = 0;            // bytes of DATA
    std::array<uint8_t, 5> prefix{};  // the first of them
    int grpc_status = -1;
    int32_t pushback_ms = -1;
    bool active = false;
    TimeoutText timeout;  // nghttp2 reads it when it sends the headers
  };
  struct Callbacks;  // nghttp2's C callbacks

  void fill();
  Outcome outcome_of(const Call& call) const;
  void end(Call& call, Outcome outcome);

  int fd_;
  std::vector<nghttp2_nv> fields_;  // the last is grpc-timeout
  ReplyCheck check_;
  CallObserver& observer_;
  nghttp2_session* session_ = nullptr;
  std::deque<Call> calls_;  // stable addresses: nghttp2 holds pointers
  std::vector<Call*> free_;
  size_t in_flight_ = 0;
  std::vector<uint8_t> out_;  // bytes for the socket, from sent_ on
  size_t sent_ = 0;
};

}  // namespace skein::load

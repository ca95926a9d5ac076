// One exchange in progress, free of any protocol: a path, metadata, a message, a deadline, and a
// sink for the reply. gRPC is one codec over it; native HTTP/1.1 REST will be another.
//
// Threads: an I/O thread owns the Call and is the only one to create and destroy it. A handler
// gets it by reference and owes it exactly one finish(), from any thread; until then the Call
// stays alive even if the client has gone. After finish() the handler must not touch it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/status.h"

namespace skein::transport {

// Whatever a handler keeps per call. Released with the Call, on its I/O thread, after finish().
class CallState {
 public:
  virtual ~CallState() = default;
  // Ends the use by this call: destroys it, unless its owner recycles it.
  virtual void release() { delete this; }
};

struct CallStateRelease {
  void operator()(CallState* state) const { state->release(); }
};
using CallStatePtr = std::unique_ptr<CallState, CallStateRelease>;

enum class Abandoned : uint8_t {
  kCancelled,  // the client reset the stream or its connection went away
  kExpired,    // the deadline passed; transport answers DEADLINE_EXCEEDED by itself
};

class Call;

// Told, on the I/O thread, that nobody waits for the reply any more. finish() is still owed (and
// its content is then dropped), so that a handler has one path for the end of a call.
class AbandonListener {
 public:
  virtual void on_abandoned(Call& call, Abandoned why) = 0;

 protected:
  ~AbandonListener() = default;
};

class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // --- The request; valid and unchanging until finish(). ---
  std::string_view path() const { return path_; }  // "/inference.GRPCInferenceService/ModelInfer"
  // First value of a metadata key (lower case); "-bin" values arrive decoded.
  virtual std::optional<std::string_view> metadata(std::string_view key) const = 0;
  // The one request message of a unary call.
  const Slice& message() const { return message_; }
  TimePoint deadline() const { return deadline_; }  // kNever when the client set none
  TimePoint arrival() const { return arrival_; }    // when the message was complete
  std::string_view peer() const { return peer_; }   // a short label for logs
  int io_thread() const { return io_thread_; }      // index, 0 .. io_threads - 1
  // True once on_abandoned was or will be called; may be read from any thread.
  bool abandoned() const { return abandoned_.load(std::memory_order_acquire); }

  // --- Per-call state, I/O thread only. ---
  void set_state(CallStatePtr state) { state_ = std::move(state); }
  CallState* state() const { return state_.get(); }
  void set_abandon_listener(AbandonListener* listener) { abandon_listener_ = listener; }

  // --- The reply sink: zero or more send(), then exactly one finish(). Any thread. ---
  // `message` is one protocol message without framing; transport adds its own prefix.
  virtual void send(Body message) = 0;
  virtual void finish(Status status) = 0;
  // send + finish(OK) in one hand-off: the unary path.
  virtual void finish_with(Body message) = 0;

 protected:
  Call() = default;
  virtual ~Call() = default;

  std::string_view path_;
  std::string_view peer_;
  Slice message_;
  TimePoint deadline_ = kNever;
  TimePoint arrival_{};
  int io_thread_ = 0;
  std::atomic<bool> abandoned_{false};
  AbandonListener* abandon_listener_ = nullptr;
  CallStatePtr state_;
};

// Serves some paths. All methods run on I/O threads and never block.
class Handler {
 public:
  virtual ~Handler() = default;
  // The request message of a unary call is complete.
  virtual void on_call(Call& call) = 0;
  // End of an event-loop turn of that I/O thread in which on_call ran at least once: hand over
  // what was collected, wake whoever must be woken, once.
  virtual void on_turn_end(int io_thread) { (void)io_thread; }
};

// Finds the handler of a path. nullptr: UNIMPLEMENTED. Called on I/O threads; must be quick and
// lock-free.
class Router {
 public:
  virtual ~Router() = default;
  virtual Handler* find(std::string_view path) = 0;
};

}  // namespace skein::transport

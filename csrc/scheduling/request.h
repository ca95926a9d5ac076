// One request waiting for a model: its tensors, its place in the queue, and its own completion.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/status.h"
#include "runtime/executor.h"
#include "scheduling/backlog.h"
#include "telemetry/request_log.h"

namespace skein::scheduling {

class Queue;

// Requests with equal keys may share a batch. Opaque to the policy: today a hash of the shape
// class, later also sequence affinity and priority.
using QueueKey = uint64_t;
inline constexpr QueueKey kOneShape = 0;  // the model's rows all have the same shape

// The order in which waiting requests run.
struct Urgency {
  uint32_t rank = 0;  // twice the priority level, plus one for those delayed by its timeout
  TimePoint due{};
  friend auto operator<=>(const Urgency&, const Urgency&) = default;
};

// Completed exactly once: fail(), or encode() then answer(). After fail() or answer() the object
// may be gone. One destroyed without either is counted (see dropped()).
class Request {
 public:
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Writes this request's rows of the batch's outputs into its response; does not send it.
  // An error here fails this request alone.
  virtual Status encode(const runtime::BatchResult& result, int64_t first_row) = 0;
  // Writes into the record who asked. False: nobody whom the request log would tell of.
  virtual bool describe(telemetry::RequestRecord& record) const;
  // Makes the inputs that decide where the request is queued. A worker calls it before that, once,
  // if `unprepared` is set. An error fails the request.
  virtual Status prepare() { return {}; }

  void answer();
  void fail(Status status);
  // Once submitted.
  TimePoint queued_at() const { return queued_at_; }
  // From here on it must be completed. Before it is submitted.
  void begin() { in_use_ = true; }

  // Requests destroyed without an answer since the process started: a bug if not zero.
  static uint64_t dropped();

  // Set before submission; views must stay valid until completion.
  runtime::Item item;
  uint64_t wanted_outputs = ~uint64_t{0};
  QueueKey key = kOneShape;
  TimePoint arrival{};
  TimePoint deadline = kNever;
  TimePoint queue_until = kNever;  // when the level's timeout has passed
  Duration predicted_wait{0};      // from arrival to answer, at admission; 0: not predicted
  bool probe = false;              // run although it looks hopeless (see Place)
  uint8_t level = 0;               // priority, from 0, which is served first
  bool immediate = false;          // its batch does not wait for company
  bool unprepared = false;         // prepare() comes before it is queued
  Duration preparation{0};         // what that took, wherever it was done

 protected:
  Request() = default;
  virtual ~Request();
  // For the next use of the object; counts the last one if it was left without an answer.
  void begin_again();
  // Hands over the encoded response / the error. Called at most once, on any thread.
  virtual void send_answer() = 0;
  virtual void send_failure(Status status) = 0;

 private:
  friend class Queue;
  friend class Device;
  friend class RequestList;
  friend class AnswerOrder;

  bool in_use_ = false;  // to be completed
  // Guarded by the device's mutex while queued.
  bool queued_ = false;
  Backlog::Place place_{};
  Urgency urgency_;
  TimePoint queued_at_{};
  uint64_t sequence_ = 0;  // with ordered answers
  Queue* queue_ = nullptr;
  Request* previous_ = nullptr;
  Request* next_ = nullptr;
};

// An intrusive list; owns nothing.
class RequestList {
 public:
  bool empty() const { return head_ == nullptr; }
  Request* front() const { return head_; }
  static Request* next(const Request& request) { return request.next_; }
  void push_back(Request& request);
  // Behind all that are at least as urgent. Quick where that is near the end, as it is when
  // requests come in the order of their due times.
  void insert(Request& request);
  void remove(Request& request);
  Request* pop_front();

 private:
  Request* head_ = nullptr;
  Request* tail_ = nullptr;
};

}  // namespace skein::scheduling

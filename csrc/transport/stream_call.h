// A Call on one HTTP/2 stream, by the rules of unary gRPC. Belongs to an I/O thread; recycled when
// the stream is closed and the handler has finished, whichever comes last.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "transport/byte_budget.h"
#include "transport/call.h"
#include "transport/call_head.h"
#include "transport/message_assembler.h"
#include "transport/outbox.h"
#include "transport/reply_stream.h"
#include "transport/timers.h"

namespace skein::transport {

class Connection;
class IoThread;

class StreamCall final : public Call, public Timer, public OutboxItem {
 public:
  explicit StreamCall(IoThread& thread);
  ~StreamCall() override = default;

  // --- The handler's side: any thread. ---
  std::optional<std::string_view> metadata(std::string_view key) const override {
    return head_.metadata(key);
  }
  void send(Body message) override;
  void finish(Status status) override;
  void finish_with(Body message) override;

  // --- The connection's side: I/O thread. ---
  void open(Connection& connection, int32_t stream_id);
  CallHead& head() { return head_; }
  void on_headers();
  void on_data(std::span<const std::byte> bytes);
  void on_half_close();
  // The stream is gone. May recycle this call.
  void on_stream_closed();
  // The connection is gone. May recycle this call.
  void on_connection_lost();
  // Ends the call by transport's own decision; what a handler still sends is dropped.
  void refuse(Refusal refusal);
  // The same for what is no request by HTTP/2's rules: the stream is reset.
  void reject();

  int32_t stream_id() const { return stream_id_; }  // 0: none any more
  bool holds_partial() const { return assembler_.received() > 0; }
  // The client expects an answer that has not been written.
  bool owes_reply() const { return stream_id_ != 0 && (running_ || reply_.unsent() > 0); }
  bool client_sends() const { return client_sends_; }
  ReplyStream& reply() { return reply_; }
  bool reply_ended() const { return reply_ended_; }
  const Status& reply_status() const { return reply_status_; }
  void moved_to_queue(size_t count);
  // Received bytes for which the stream's window was not given back.
  void add_unconsumed(size_t count) { unconsumed_ += count; }
  size_t unconsumed() const { return unconsumed_; }
  void clear_unconsumed() { unconsumed_ = 0; }

  void deliver() override;                // finish() has been called
  void deliver_message(Body message);     // send() has been called
  void on_timer(TimePoint now) override;  // the deadline has passed
  // Ready for the next call.
  void clear();

 private:
  friend class CallList;
  void dispatch();
  void end_reply(Status status);
  void hold(HeldBytes delta);
  void drop_partial();
  void drop_reply();
  void abandon(Abandoned why);
  void retire();

  IoThread& thread_;
  Connection* connection_ = nullptr;
  std::shared_ptr<const std::string> kept_peer_;  // backs peer_ once the connection is gone
  StreamCall* previous_ = nullptr;                // in the connection's CallList
  StreamCall* next_ = nullptr;
  int32_t stream_id_ = 0;
  Handler* handler_ = nullptr;
  uint64_t handler_epoch_ = 0;

  CallHead head_;
  MessageAssembler assembler_;
  uint64_t body_size_ = 0;  // DATA received
  size_t unconsumed_ = 0;
  bool client_sends_ = false;  // no half-close yet
  bool running_ = false;       // given to the handler, finish() not delivered

  ReplyStream reply_;
  Status reply_status_;
  bool reply_started_ = false;  // response headers are submitted
  bool reply_ended_ = false;    // nothing more will be added

  // Written by the thread that calls finish(), read by the I/O thread once delivered.
  std::optional<Body> last_message_;
  Status last_status_;
  std::atomic<bool> finish_called_{false};
};

// The calls of one connection, oldest first.
class CallList {
 public:
  void append(StreamCall& call);
  void remove(StreamCall& call);
  StreamCall* oldest() const { return oldest_; }
  StreamCall* newest() const { return newest_; }
  static StreamCall* after(const StreamCall& call) { return call.next_; }
  static StreamCall* before(const StreamCall& call) { return call.previous_; }

 private:
  StreamCall* oldest_ = nullptr;
  StreamCall* newest_ = nullptr;
};

}  // namespace skein::transport

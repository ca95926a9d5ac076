// One HTTP/2 connection: an nghttp2 session over a byte stream, its calls, its flow control by
// the byte budget, and its life from handshake to the last byte. I/O thread only.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transport/byte_budget.h"
#include "transport/byte_stream.h"
#include "transport/call_head.h"
#include "transport/field_memo.h"
#include "transport/io_thread.h"
#include "transport/reset_limit.h"
#include "transport/stream_call.h"
#include "transport/timers.h"
#include "transport/write_queue.h"

namespace skein::transport {

class Connection final : public EventSource, public Timer {
 public:
  Connection(IoThread& thread, std::unique_ptr<ByteStream> stream, std::string peer);
  ~Connection();

  // --- For the I/O thread. ---
  void start();
  void on_events(uint32_t events) override;
  void on_timer(TimePoint now) override;
  // Writes what is ready; called at the end of a turn after mark_dirty().
  void flush();
  // Looks again whether the client must be held back.
  void retry();
  // GOAWAY now; closes once the open streams are done.
  void drain();
  // Closes at once, leaving answers unsent.
  void cut();

  // --- For its calls. ---
  // Calls keep it beyond the connection's end.
  const std::shared_ptr<const std::string>& peer() const { return peer_; }
  WriteQueue& queue() { return queue_; }
  void hold(HeldBytes delta);
  bool holds_partial() const { return held_.partial > 0; }
  void submit_reply(StreamCall& call);
  void resume_reply(StreamCall& call);
  // Status and nothing else, then a reset if the client is still sending.
  void submit_refusal(StreamCall& call, const Refusal& refusal);
  void reset_stream(StreamCall& call, uint32_t error_code);
  void forget(StreamCall& call) {
    calls_.remove(call);
    if (idle()) become_idle();
  }

  // --- For the nghttp2 callbacks. ---
  void open_call(int32_t stream_id);
  FieldMemo& fields() { return fields_; }
  // The call of an open stream, nullptr if there is none.
  StreamCall* find(int32_t stream_id) {
    bool again = current_ != nullptr && current_->stream_id() == stream_id;
    return again ? current_ : look_up(stream_id);
  }
  void on_data(StreamCall& call, std::span<const std::byte> bytes);
  void on_stream_closed(StreamCall& call);
  void on_settings();
  void on_ping_ack();
  void on_reset();
  void on_headers_sent(int32_t stream_id);
  ssize_t read_reply(StreamCall& call, size_t length, uint32_t& flags);
  int send_data(StreamCall& call, std::span<const std::byte> frame_header, size_t length);

 private:
  enum class Phase { kOpen, kNoticed, kLeaving, kLingering, kDead };

  StreamCall* look_up(int32_t stream_id);
  void submit_settings();
  void read();
  void receive(std::span<const std::byte> bytes);
  void mark_dirty();
  bool pump();
  void write();
  void settle();
  void judge_pressure();
  void refuse_newest_partial(std::string_view whose, int64_t limit);
  void grant_windows();
  void grant_stream(StreamCall& call);
  void become_idle();
  void leave();
  void linger();
  void lose_calls();
  void die();
  TimePoint next_check() const;
  bool idle() const { return calls_.oldest() == nullptr; }
  bool ended() const { return phase_ == Phase::kDead || phase_ == Phase::kLingering; }

  IoThread& thread_;
  std::unique_ptr<ByteStream> stream_;
  const std::shared_ptr<const std::string> peer_;
  nghttp2_session* session_ = nullptr;
  FieldMemo fields_;
  CallList calls_;
  StreamCall* current_ = nullptr;  // the call looked up last
  WriteQueue queue_;
  std::string last_refusal_;  // its message
  bool dirty_ = false;
  bool write_blocked_ = false;

  HeldBytes held_;         // by the calls; the queue comes on top
  HeldBytes reported_;     // to the server's budget
  bool starved_ = false;   // windows are withheld
  bool waiting_ = false;   // for the server's budget
  bool refusing_ = false;  // withholding was not enough
  bool streams_withheld_ = false;
  size_t unconsumed_ = 0;
  int32_t stream_window_;
  int32_t connection_window_;

  Phase phase_ = Phase::kOpen;
  bool greeted_ = false;
  bool ping_outstanding_ = false;
  TimePoint opened_;
  TimePoint last_received_;
  TimePoint idle_since_;
  TimePoint ping_sent_{};
  TimePoint leave_at_ = kNever;  // final GOAWAY, at the latest
  TimePoint cut_at_ = kNever;
  ResetLimit resets_;
};

}  // namespace skein::transport

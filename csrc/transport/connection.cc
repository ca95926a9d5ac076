#include "transport/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "transport/http2_callbacks.h"
#include "transport/reply_headers.h"

namespace skein::transport {
namespace {

constexpr int32_t kStreamWindow = 1 << 20;
constexpr int32_t kConnectionWindow = 16 << 20;
constexpr int32_t kSmallestWindow = 65'535;
constexpr size_t kCopiedPerWrite = 64 << 10;
constexpr size_t kQueuedPerWrite = 512 << 10;
constexpr size_t kPiecesPerWrite = 128;
// For the client to read our last bytes.
constexpr Duration kLingerTimeout = std::chrono::seconds(1);

// At most a quarter of the budget may be under way after we stop granting windows.
int32_t window(int32_t wanted, int64_t budget) {
  return static_cast<int32_t>(std::clamp<int64_t>(budget / 4, kSmallestWindow, wanted));
}

}  // namespace

Connection::Connection(IoThread& thread, std::unique_ptr<ByteStream> stream, std::string peer)
    : thread_(thread),
      stream_(std::move(stream)),
      peer_(std::make_shared<const std::string>(std::move(peer))),
      connection_window_(
          window(kConnectionWindow, std::min(thread.options().max_connection_inflight_bytes,
                                             thread.options().max_inflight_bytes))),
      opened_(thread.now()),
      last_received_(opened_),
      idle_since_(opened_),
      resets_(thread.options().max_resets_per_second, opened_) {
  stream_window_ = std::min(kStreamWindow, connection_window_);
}

Connection::~Connection() {
  thread_.timers().disarm(*this);
  nghttp2_session_del(session_);
}

void Connection::start() {
  session_ = new_http2_session(*this, thread_.http2_memory());
  if (session_ == nullptr || !thread_.watch(stream_->descriptor(), EPOLLIN, *this)) return die();
  submit_settings();
  thread_.timers().arm(*this, next_check());
  mark_dirty();
}

void Connection::submit_settings() {
  const ServerOptions& options = thread_.options();
  const std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
       static_cast<uint32_t>(options.max_concurrent_streams)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(stream_window_)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(options.max_header_list_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_);
}

void Connection::mark_dirty() {
  if (!std::exchange(dirty_, true)) thread_.mark_dirty(*this);
}

void Connection::on_events(uint32_t events) {
  if (phase_ == Phase::kDead) return;
  if ((events & EPOLLOUT) != 0) {
    write_blocked_ = false;
    thread_.rewatch(stream_->descriptor(), EPOLLIN, *this);
  }
  mark_dirty();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Connection::read() {
  std::span<std::byte> buffer = thread_.receive_buffer();
  IoResult result = stream_->read(buffer);
  if (result.state == IoResult::State::kWouldBlock) return;
  if (result.state == IoResult::State::kClosed) return die();
  if (phase_ == Phase::kLingering) return;
  last_received_ = thread_.refresh_now();
  receive(buffer.first(result.bytes));
}

void Connection::receive(std::span<const std::byte> bytes) {
  judge_pressure();
  ssize_t consumed = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  current_ = nullptr;
  if (consumed >= 0) return;
  // Not HTTP/2, a flood, or no memory: nothing sensible can follow.
  nghttp2_session_terminate_session(session_, consumed == NGHTTP2_ERR_FLOODED
                                                  ? NGHTTP2_ENHANCE_YOUR_CALM
                                                  : NGHTTP2_PROTOCOL_ERROR);
}

void Connection::open_call(int32_t stream_id) {
  StreamCall& call = thread_.acquire_call();
  call.open(*this, stream_id);
  calls_.append(call);
  nghttp2_session_set_stream_user_data(session_, stream_id, &call);
  current_ = &call;
}

StreamCall* Connection::look_up(int32_t stream_id) {
  current_ = static_cast<StreamCall*>(nghttp2_session_get_stream_user_data(session_, stream_id));
  return current_;
}

void Connection::on_data(StreamCall& call, std::span<const std::byte> bytes) {
  unconsumed_ += bytes.size();
  call.add_unconsumed(bytes.size());
  if (refusing_ && !call.reply_ended()) {
    call.refuse({resource_exhausted(
        "the server holds " + std::to_string(thread_.server().budget.held().total()) +
        " bytes of messages, over its budget of " +
        std::to_string(thread_.server().budget.limit()) +
        " (this connection: " + std::to_string(held_.total()) + " of " +
        std::to_string(thread_.options().max_connection_inflight_bytes) + "); retry later")});
  }
  call.on_data(bytes);
  if (!starved_ && call.unconsumed() >= static_cast<size_t>(stream_window_ / 4)) {
    grant_stream(call);
  } else if (starved_) {
    streams_withheld_ = true;
  }
}

void Connection::on_stream_closed(StreamCall& call) {
  if (current_ == &call) current_ = nullptr;
  nghttp2_session_set_stream_user_data(session_, call.stream_id(), nullptr);
  call.on_stream_closed();
  if (idle()) become_idle();
}

void Connection::on_ping_ack() {
  ping_outstanding_ = false;
  if (phase_ == Phase::kNoticed) leave();
}

void Connection::on_reset() {
  thread_.counters().resets_received.add(1);
  if (resets_.allow(thread_.now())) return;
  nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
}

void Connection::hold(HeldBytes delta) {
  held_.partial += delta.partial;
  held_.ready += delta.ready;
  mark_dirty();
}

void Connection::submit_reply(StreamCall& call) {
  nghttp2_data_provider provider = reply_provider(call);
  auto fields = ReplyHeaders::opening();
  nghttp2_submit_response(session_, call.stream_id(), fields.data(), fields.size(), &provider);
  mark_dirty();
}

void Connection::resume_reply(StreamCall& call) {
  nghttp2_session_resume_data(session_, call.stream_id());
  mark_dirty();
}

void Connection::submit_refusal(StreamCall& call, const Refusal& refusal) {
  // Under overload the same message goes out by the thousand.
  bool again = last_refusal_ == refusal.status.message();
  if (!again) last_refusal_ = refusal.status.message();
  ReplyHeaders headers(refusal, again);
  auto fields = headers.fields();
  nghttp2_submit_response(session_, call.stream_id(), fields.data(), fields.size(), nullptr);
  mark_dirty();
}

void Connection::reset_stream(StreamCall& call, uint32_t error_code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, call.stream_id(), error_code);
  mark_dirty();
}

void Connection::on_headers_sent(int32_t stream_id) {
  StreamCall* call = find(stream_id);
  if (call == nullptr || !call->client_sends()) return;
  // The answer is complete; what the client still sends is not wanted.
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_NO_ERROR);
}

ssize_t Connection::read_reply(StreamCall& call, size_t length, uint32_t& flags) {
  size_t unsent = call.reply().unsent();
  if (unsent == 0 && !call.reply_ended()) return NGHTTP2_ERR_DEFERRED;
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (length < unsent || !call.reply_ended()) return static_cast<ssize_t>(std::min(length, unsent));
  flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  ReplyHeaders trailers(call.reply_status());
  auto fields = trailers.fields();
  nghttp2_submit_trailer(session_, call.stream_id(), fields.data(), fields.size());
  return static_cast<ssize_t>(unsent);
}

int Connection::send_data(StreamCall& call, std::span<const std::byte> frame_header,
                          size_t length) {
  if (queue_.size() >= kQueuedPerWrite || queue_.copied() >= kCopiedPerWrite) {
    return NGHTTP2_ERR_WOULDBLOCK;
  }
  // A frame that waited for room while its reply was dropped.
  if (length > call.reply().unsent()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  queue_.copy(frame_header);
  call.moved_to_queue(length);
  return 0;
}

bool Connection::pump() {
  while (queue_.copied() < kCopiedPerWrite && queue_.size() < kQueuedPerWrite) {
    const uint8_t* data = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) die();
    if (size <= 0) break;
    queue_.copy(std::as_bytes(std::span(data, static_cast<size_t>(size))));
  }
  return phase_ != Phase::kDead && !queue_.empty();
}

void Connection::write() {
  std::array<iovec, kPiecesPerWrite> space;
  while (!queue_.empty()) {
    IoResult result = stream_->write(queue_.pieces(space));
    if (result.state == IoResult::State::kClosed) return die();
    if (result.state == IoResult::State::kWouldBlock) {
      write_blocked_ = true;
      return thread_.rewatch(stream_->descriptor(), EPOLLIN | EPOLLOUT, *this);
    }
    queue_.written(result.bytes);
  }
}

void Connection::flush() {
  if (ended()) {
    dirty_ = false;
    return;
  }
  settle();
  grant_windows();
  while (!ended() && !write_blocked_ && pump()) write();
  dirty_ = false;  // only now: what was changed above needs no turn of its own
  if (ended()) return;
  settle();
  bool done = nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (done && queue_.empty()) linger();
}

void Connection::linger() {
  // Closing a socket with unread input would destroy what the client has not read yet.
  phase_ = Phase::kLingering;
  lose_calls();
  stream_->finish_writing();
  cut_at_ = thread_.now() + kLingerTimeout;
  thread_.timers().arm(*this, cut_at_);
}

void Connection::lose_calls() {
  current_ = nullptr;
  thread_.change_budget({-reported_.partial, -reported_.ready});
  reported_ = {};
  while (StreamCall* call = calls_.oldest()) {  // those that run count for themselves from here
    calls_.remove(*call);
    call->on_connection_lost();
  }
  held_ = {};
}

void Connection::die() {
  if (std::exchange(phase_, Phase::kDead) == Phase::kDead) return;
  lose_calls();
  thread_.mark_dead(*this);
}

}  // namespace skein::transport

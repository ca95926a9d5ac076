#include "load/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace skein::load {
namespace {

constexpr size_t kReadChunk = 256 << 10;
constexpr size_t kWriteChunk = 256 << 10;
constexpr int32_t kStreamWindow = 16 << 20;
constexpr int32_t kConnectionWindow = 1 << 30;

bool named(const uint8_t* name, size_t size, std::string_view wanted) {
  return size == wanted.size() && std::memcmp(name, wanted.data(), size) == 0;
}

// -1 when `text` is no number.
int32_t number_in(std::string_view text) {
  int32_t number = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : -1;
}

}  // namespace

struct Connection::Callbacks {
  static Call* call_of(nghttp2_session* session, int32_t stream) {
    return static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                       void* self) {
    Call* call = call_of(session, frame->hd.stream_id);
    if (call == nullptr) return 0;
    std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (named(name, name_size, "grpc-status")) {
      call->grpc_status = number_in(text);
    } else if (named(name, name_size, "grpc-message")) {
      static_cast<Connection*>(self)->observer_.status_message(text);
    } else if (named(name, name_size, "grpc-retry-pushback-ms")) {
      call->pushback_ms = number_in(text);
    }
    return 0;
  }

  static int on_data(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t* data,
                     size_t size, void*) {
    Call* call = call_of(session, stream);
    if (call == nullptr) return 0;
    if (call->received < call->prefix.size()) {
      size_t count = std::min(size, call->prefix.size() - static_cast<size_t>(call->received));
      std::memcpy(call->prefix.data() + call->received, data, count);
    }
    call->received += size;
    return 0;
  }

  static int on_stream_close(nghttp2_session* session, int32_t stream, uint32_t, void* self) {
    auto* connection = static_cast<Connection*>(self);
    Call* call = call_of(session, stream);
    if (call != nullptr) connection->end(*call, connection->outcome_of(*call));
    return 0;
  }

  // How much of the message goes into the next DATA frame; send_data then copies it.
  static ssize_t read_length(nghttp2_session*, int32_t, uint8_t*, size_t room, uint32_t* flags,
                             nghttp2_data_source* source, void*) {
    auto* call = static_cast<Call*>(source->ptr);
    size_t left = call->message->size() - call->sent;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= room) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(left, room));
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_header, size_t size,
                       nghttp2_data_source* source, void* self) {
    auto* call = static_cast<Call*>(source->ptr);
    std::vector<uint8_t>& out = static_cast<Connection*>(self)->out_;
    const uint8_t* from = call->message->data() + call->sent;
    out.insert(out.end(), frame_header, frame_header + 9);
    out.insert(out.end(), from, from + size);
    call->sent += size;
    return 0;
  }

  static nghttp2_session* new_session(Connection* self) {
    nghttp2_session_callbacks* table = nullptr;
    nghttp2_session_callbacks_new(&table);
    nghttp2_session_callbacks_set_on_header_callback(table, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(table, on_stream_close);
    nghttp2_session_callbacks_set_send_data_callback(table, send_data);
    nghttp2_session* session = nullptr;
    nghttp2_session_client_new(&session, table, self);
    nghttp2_session_callbacks_del(table);
    return session;
  }
};

Connection::Connection(int fd, const RequestHeaders& headers, ReplyCheck check,
                       CallObserver& observer)
    : fd_(fd), fields_(headers.fields()), check_(check), observer_(observer) {
  fields_.push_back(timeout_field());
  session_ = Callbacks::new_session(this);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Connection::~Connection() {
  close(kConnectionLost);
  nghttp2_session_del(session_);
}

bool Connection::submit(const Message& message, const Arrival& arrival, uint32_t timeout_us) {
  if (closed() || nghttp2_session_check_request_allowed(session_) == 0) return false;
  if (free_.empty()) free_.push_back(&calls_.emplace_back());
  Call* call = free_.back();
  *call = Call{.arrival = arrival, .message = &message, .active = true};
  size_t fields = fields_.size() - 1;
  if (timeout_us > 0) {
    call->timeout.set(timeout_us);
    call->timeout.show_in(fields_[fields++]);
  }
  nghttp2_data_provider provider{{.ptr = call}, Callbacks::read_length};
  if (nghttp2_submit_request(session_, nullptr, fields_.data(), fields, &provider, call) < 0) {
    call->active = false;
    return false;
  }
  free_.pop_back();
  ++in_flight_;
  return true;
}

bool Connection::has_room() const {
  return !closed() && in_flight_ < nghttp2_session_get_remote_settings(
                                       session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

void Connection::read() {
  static thread_local std::vector<uint8_t> buffer(kReadChunk);
  if (closed()) return;
  ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0 ||
      nghttp2_session_mem_recv(session_, buffer.data(), static_cast<size_t>(size)) < 0 ||
      (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0)) {
    close(kConnectionLost);
  }
}

// Moves frames into out_ until it holds a chunk or nghttp2 has nothing to say.
void Connection::fill() {
  out_.clear();
  sent_ = 0;
  while (out_.size() < kWriteChunk) {
    const uint8_t* data = nullptr;
    size_t before = out_.size();
    ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size > 0) out_.insert(out_.end(), data, data + size);
    if (size < 0 || out_.size() == before) return;
  }
}

void Connection::flush() {
  while (!closed()) {
    if (!wants_write()) fill();
    if (!wants_write()) return;
    ssize_t size = send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0 && errno != EINTR) return close(kConnectionLost);
    if (size > 0) sent_ += static_cast<size_t>(size);
  }
}

void Connection::close(Outcome outcome) {
  if (closed()) return;
  ::close(fd_);
  fd_ = -1;
  out_.clear();
  sent_ = 0;
  for (Call& call : calls_) {
    if (call.active) end(call, outcome);
  }
}

Outcome Connection::outcome_of(const Call& call) const {
  if (call.grpc_status < 0) return kNoStatus;
  if (call.grpc_status > static_cast<int>(kLastGrpcCode)) return static_cast<Outcome>(2);
  if (call.grpc_status != 0) return static_cast<Outcome>(call.grpc_status);
  uint64_t announced = 0;
  for (size_t i = 1; i < call.prefix.size(); ++i) announced = announced << 8 | call.prefix[i];
  bool whole = call.received == announced + call.prefix.size() && call.prefix[0] == 0;
  bool expected = !check_.expect_bytes || announced == *check_.expect_bytes;
  return whole && expected ? kOk : kBadReply;
}

void Connection::end(Call& call, Outcome outcome) {
  call.active = false;
  --in_flight_;
  free_.push_back(&call);
  observer_.call_ended(call.arrival, {outcome, call.pushback_ms});
}

}  // namespace skein::load

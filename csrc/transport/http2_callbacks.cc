#include "transport/http2_callbacks.h"

#include "transport/connection.h"
#include "transport/http2_memory.h"

namespace skein::transport {
namespace {

constexpr size_t kFrameHeaderSize = 9;

Connection& connection_of(void* user_data) { return *static_cast<Connection*>(user_data); }

std::string_view text(nghttp2_rcbuf* buffer) {
  nghttp2_vec bytes = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

bool is_request_headers(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  if (is_request_headers(*frame)) connection_of(user_data).open_call(frame->hd.stream_id);
  return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf* name,
              nghttp2_rcbuf* value, uint8_t, void* user_data) {
  Connection& connection = connection_of(user_data);
  StreamCall* call = connection.find(frame->hd.stream_id);
  if (call == nullptr) return 0;
  if (!is_request_headers(*frame)) {
    if (!FieldRules::allows_trailer(text(name))) call->reject();
    return 0;
  }
  if (auto known = connection.fields().find(name, value)) {
    call->head().add_again(*known, text(name), text(value));
  } else if (auto added = call->head().add(text(name), text(value))) {
    connection.fields().remember(name, value, *added);
  }
  return 0;
}

int on_data_chunk(nghttp2_session*, uint8_t, int32_t stream_id, const uint8_t* data, size_t size,
                  void* user_data) {
  Connection& connection = connection_of(user_data);
  StreamCall* call = connection.find(stream_id);
  if (call != nullptr) connection.on_data(*call, std::as_bytes(std::span(data, size)));
  return 0;
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  Connection& connection = connection_of(user_data);
  switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA: {
      StreamCall* call = connection.find(frame->hd.stream_id);
      if (call == nullptr) break;
      bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      if (is_request_headers(*frame)) {
        call->on_headers();
      } else if (frame->hd.type == NGHTTP2_HEADERS && !ends) {
        call->reject();  // trailers are the end
      }
      if (ends) call->on_half_close();
      break;
    }
    case NGHTTP2_RST_STREAM:
      connection.on_reset();
      break;
    case NGHTTP2_SETTINGS:
      connection.on_settings();
      break;
    case NGHTTP2_PING:
      if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) connection.on_ping_ack();
      break;
    default:
      break;
  }
  return 0;
}

int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  bool ends = frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (ends) connection_of(user_data).on_headers_sent(frame->hd.stream_id);
  return 0;
}

int on_stream_close(nghttp2_session*, int32_t stream_id, uint32_t, void* user_data) {
  Connection& connection = connection_of(user_data);
  StreamCall* call = connection.find(stream_id);
  if (call != nullptr) connection.on_stream_closed(*call);
  return 0;
}

int on_send_data(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_header, size_t length,
                 nghttp2_data_source* source, void* user_data) {
  auto& call = *static_cast<StreamCall*>(source->ptr);
  auto header = std::as_bytes(std::span(frame_header, kFrameHeaderSize));
  return connection_of(user_data).send_data(call, header, length);
}

ssize_t on_read_reply(nghttp2_session*, int32_t, uint8_t*, size_t length, uint32_t* flags,
                      nghttp2_data_source* source, void* user_data) {
  auto& call = *static_cast<StreamCall*>(source->ptr);
  return connection_of(user_data).read_reply(call, length, *flags);
}

nghttp2_session_callbacks* make_callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
  return callbacks;
}

nghttp2_option* make_option() {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) return nullptr;
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_no_http_messaging(option, 1);  // FieldRules and StreamCall hold them
  // Ours (ResetLimit) is an option; nghttp2's own, of 33 a second, would act first.
  nghttp2_option_set_stream_reset_rate_limit(option, UINT64_MAX, UINT64_MAX);
  return option;
}

}  // namespace

nghttp2_session* new_http2_session(Connection& connection, Http2Memory& memory) {
  static nghttp2_session_callbacks* const callbacks = make_callbacks();
  static nghttp2_option* const option = make_option();
  nghttp2_session* session = nullptr;
  if (callbacks == nullptr || option == nullptr) return nullptr;
  int failure =
      nghttp2_session_server_new3(&session, callbacks, &connection, option, memory.functions());
  return failure == 0 ? session : nullptr;
}

nghttp2_data_provider reply_provider(StreamCall& call) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &call;
  provider.read_callback = on_read_reply;
  return provider;
}

}  // namespace skein::transport

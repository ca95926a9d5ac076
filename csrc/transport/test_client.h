// A gRPC client for tests, free to break the rules: one blocking connection, driven by the test's
// own thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "transport/grpc_codec.h"

namespace skein::transport {

inline std::string framed(const std::string& message, char flag = 0) {
  auto prefix = make_prefix(static_cast<uint32_t>(message.size()));
  std::string bytes(reinterpret_cast<const char*>(prefix.data()), prefix.size());
  bytes[0] = flag;
  return bytes + message;
}

struct TestReply {
  std::map<std::string, std::string> fields;  // headers and trailers
  std::string body;                           // with prefixes
  bool closed = false;
  uint32_t error_code = 0;  // of the RST_STREAM, if any

  std::string status() const { return field("grpc-status"); }
  std::string message() const { return field("grpc-message"); }
  std::string field(const std::string& name) const {
    auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class TestClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // `window`: bytes the server may send before we read.
  explicit TestClient(int port, int32_t window = 1 << 30) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    make_session();
    nghttp2_settings_entry setting{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
                                   static_cast<uint32_t>(window)};
    nghttp2_submit_settings(session_, 0, &setting, 1);
    nghttp2_session_set_local_window_size(session_, 0, 0, window);
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() {
    nghttp2_session_del(session_);
    disconnect();
  }

  bool connected() const { return connected_; }
  void disconnect() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  static Fields usual(const std::string& path) {
    return {{":method", "POST"},    {":scheme", "http"}, {":path", path},
            {":authority", "test"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  }

  // Opens a stream whose body is `body`; without `end` more may be sent.
  int32_t open(const Fields& fields, std::string body, bool end = true) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), 0});
    }
    int32_t id = nghttp2_session_get_next_stream_id(session_);
    uploads_[id] = {std::move(body), 0, end};
    nghttp2_data_provider provider{};
    provider.read_callback = on_read;
    nghttp2_submit_request(session_, nullptr, list.data(), list.size(), &provider, this);
    return id;
  }
  int32_t call(const std::string& path, const std::string& message) {
    return open(usual(path), framed(message));
  }
  void send_more(int32_t id, const std::string& body, bool end) {
    uploads_[id].bytes += body;
    uploads_[id].end = end;
    nghttp2_session_resume_data(session_, id);
  }
  void reset(int32_t id) { nghttp2_submit_rst_stream(session_, 0, id, NGHTTP2_CANCEL); }
  void ping() { nghttp2_submit_ping(session_, 0, nullptr); }

  const TestReply& reply(int32_t id) { return replies_[id]; }
  size_t replies_closed() const { return closed_; }
  bool goaway() const { return goaway_; }
  uint32_t goaway_error() const { return goaway_error_; }
  int pings_answered() const { return pings_answered_; }
  bool greeted() const { return greeted_; }

  // Writes what is submitted, as far as flow control lets it.
  void flush() {
    const uint8_t* data = nullptr;
    while (true) {
      ssize_t size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) return;
      for (ssize_t sent = 0; sent < size;) {
        ssize_t count = ::send(socket_, data + sent, size - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += count;
      }
    }
  }
  // Reads and writes until `done`. False: the connection ended or nothing came for 20 s.
  bool run_until(const std::function<bool()>& done) {
    for (;;) {
      flush();
      if (done()) return true;
      if (!receive()) return done();
    }
  }
  const TestReply& wait(int32_t id) {
    run_until([&] { return replies_[id].closed; });
    return replies_[id];
  }
  bool wait_for_end() {
    return !run_until([] { return false; });
  }
  // Unary call and answer.
  const TestReply& ask(const std::string& path, const std::string& message) {
    return wait(call(path, message));
  }

 private:
  struct Upload {
    std::string bytes;
    size_t sent = 0;
    bool end = true;
  };

  static uint8_t* bytes(const std::string& text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  }
  static TestClient& self(void* user_data) { return *static_cast<TestClient*>(user_data); }

  bool receive() {
    pollfd wanted{socket_, POLLIN, 0};
    constexpr int kGiveUpMilliseconds = 20'000;
    if (::poll(&wanted, 1, kGiveUpMilliseconds) <= 0) return false;
    buffer_.resize(64 << 10);
    ssize_t size = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) return false;
    return nghttp2_session_mem_recv(session_, buffer_.data(), static_cast<size_t>(size)) >= 0;
  }

  static ssize_t on_read(nghttp2_session*, int32_t id, uint8_t* buffer, size_t length,
                         uint32_t* flags, nghttp2_data_source*, void* user_data) {
    Upload& upload = self(user_data).uploads_[id];
    size_t count = std::min(length, upload.bytes.size() - upload.sent);
    upload.bytes.copy(reinterpret_cast<char*>(buffer), count, upload.sent);
    upload.sent += count;
    if (upload.sent == upload.bytes.size() && upload.end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (count == 0 && !upload.end) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(count);
  }

  void make_session() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
           const uint8_t* value, size_t value_size, uint8_t, void* user_data) {
          std::string key(reinterpret_cast<const char*>(name), name_size);
          self(user_data).replies_[frame->hd.stream_id].fields[key] =
              std::string(reinterpret_cast<const char*>(value), value_size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                      void* user_data) {
          self(user_data).replies_[id].body.append(reinterpret_cast<const char*>(data), size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t id, uint32_t error_code, void* user_data) {
          self(user_data).replies_[id].closed = true;
          self(user_data).replies_[id].error_code = error_code;
          ++self(user_data).closed_;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
          TestClient& client = self(user_data);
          if (frame->hd.type == NGHTTP2_GOAWAY) {
            client.goaway_ = true;
            client.goaway_error_ = frame->goaway.error_code;
          }
          if (frame->hd.type == NGHTTP2_PING && frame->hd.flags != 0) ++client.pings_answered_;
          if (frame->hd.type == NGHTTP2_SETTINGS && frame->hd.flags == 0) client.greeted_ = true;
          return 0;
        });
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
  }

  int socket_ = -1;
  bool connected_ = false;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Upload> uploads_;
  std::map<int32_t, TestReply> replies_;
  size_t closed_ = 0;
  bool goaway_ = false;
  bool greeted_ = false;
  uint32_t goaway_error_ = 0;
  int pings_answered_ = 0;
  std::vector<uint8_t> buffer_;
};

}  // namespace skein::transport

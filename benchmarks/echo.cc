// The machine's yardstick: the least a gRPC server can cost here. One thread, nghttp2 and epoll;
// every request message is sent back. It checks nothing and serves nobody but a benchmark.
//
//   echo --port 0        prints the bound port
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kReceiveSize = 256 << 10;
constexpr size_t kWriteAt = 512 << 10;
constexpr uint32_t kStreamWindow = 1 << 20;
constexpr int32_t kConnectionWindow = 16 << 20;

struct Stream {
  std::string message;  // with its 5-byte prefix, as it came
  size_t sent = 0;
};

struct Connection {
  int socket = -1;
  nghttp2_session* session = nullptr;
  std::string output;
  size_t written = 0;
  bool blocked = false;
  std::vector<Stream*> spare;
};

nghttp2_nv field(std::string_view name, std::string_view value) {
  auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

const nghttp2_nv kHeaders[] = {field(":status", "200"), field("content-type", "application/grpc")};
const nghttp2_nv kTrailers[] = {field("grpc-status", "0")};

Stream* stream_of(nghttp2_session* session, int32_t id) {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
  auto& spare = static_cast<Connection*>(user_data)->spare;
  Stream* stream = nullptr;
  if (spare.empty()) {
    stream = new Stream;
  } else {
    stream = spare.back();
    spare.pop_back();
  }
  nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
  return 0;
}

int on_data_chunk(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size,
                  void*) {
  if (Stream* stream = stream_of(session, id)) {
    stream->message.append(reinterpret_cast<const char*>(data), size);
  }
  return 0;
}

ssize_t on_read(nghttp2_session* session, int32_t id, uint8_t*, size_t length, uint32_t* flags,
                nghttp2_data_source* source, void*) {
  auto* stream = static_cast<Stream*>(source->ptr);
  size_t left = stream->message.size() - stream->sent;
  *flags = NGHTTP2_DATA_FLAG_NO_COPY;
  if (left > length) return static_cast<ssize_t>(length);
  *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  nghttp2_submit_trailer(session, id, kTrailers, 1);
  return static_cast<ssize_t>(left);
}

int on_send_data(nghttp2_session*, nghttp2_frame*, const uint8_t* header, size_t length,
                 nghttp2_data_source* source, void* user_data) {
  auto* connection = static_cast<Connection*>(user_data);
  auto* stream = static_cast<Stream*>(source->ptr);
  connection->output.append(reinterpret_cast<const char*>(header), 9);
  connection->output.append(stream->message, stream->sent, length);
  stream->sent += length;
  return 0;
}

int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void*) {
  bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (!carries || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  nghttp2_data_provider provider{};
  provider.source.ptr = stream_of(session, frame->hd.stream_id);
  provider.read_callback = on_read;
  nghttp2_submit_response(session, frame->hd.stream_id, kHeaders, 2, &provider);
  return 0;
}

int on_stream_close(nghttp2_session* session, int32_t id, uint32_t, void* user_data) {
  Stream* stream = stream_of(session, id);
  if (stream == nullptr) return 0;
  stream->message.clear();
  stream->sent = 0;
  static_cast<Connection*>(user_data)->spare.push_back(stream);
  return 0;
}

nghttp2_session_callbacks* make_callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
  return callbacks;
}

class Loop {
 public:
  explicit Loop(int listener) : listener_(listener), epoll_(::epoll_create1(0)) {
    nghttp2_option_new(&option_);
    nghttp2_option_set_no_closed_streams(option_, 1);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void run() {
    epoll_event events[64];
    for (;;) {
      int count = ::epoll_wait(epoll_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr == nullptr) {
          accept();
        } else {
          serve(*static_cast<Connection*>(events[i].data.ptr), events[i].events);
        }
      }
    }
  }

 private:
  void watch(int operation, int descriptor, uint32_t events, Connection* connection) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    ::epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void accept() {
    int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (socket < 0) return;
    int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto* connection = new Connection;
    connection->socket = socket;
    nghttp2_session_server_new2(&connection->session, callbacks_, connection, option_);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1024},
                                         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
                                         {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 3);
    nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0,
                                          kConnectionWindow);
    watch(EPOLL_CTL_ADD, socket, EPOLLIN, connection);
    send(*connection);
  }

  void serve(Connection& connection, uint32_t events) {
    bool alive = (events & EPOLLOUT) == 0 || unblock(connection);
    if (alive && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) alive = receive(connection);
    if (!alive || !send(connection)) close(connection);
  }

  bool unblock(Connection& connection) {
    connection.blocked = false;
    watch(EPOLL_CTL_MOD, connection.socket, EPOLLIN, &connection);
    return true;
  }

  bool receive(Connection& connection) {
    ssize_t size = ::recv(connection.socket, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    return nghttp2_session_mem_recv(connection.session, buffer_.data(),
                                    static_cast<size_t>(size)) >= 0;
  }

  // One write for all that is ready; more only when there is much of it.
  bool send(Connection& connection) {
    while (!connection.blocked && fill(connection)) {
      if (!write(connection)) return false;
    }
    return nghttp2_session_want_read(connection.session) != 0 ||
           nghttp2_session_want_write(connection.session) != 0 || connection.blocked;
  }

  bool fill(Connection& connection) {
    std::string& output = connection.output;
    while (output.size() < kWriteAt) {
      const uint8_t* data = nullptr;
      ssize_t size = nghttp2_session_mem_send(connection.session, &data);
      if (size <= 0) break;
      output.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    }
    return !output.empty();
  }

  bool write(Connection& connection) {
    std::string& output = connection.output;
    ssize_t size = ::send(connection.socket, output.data() + connection.written,
                          output.size() - connection.written, MSG_NOSIGNAL);
    if (size < 0) {
      if (errno != EAGAIN) return false;
      connection.blocked = true;
      watch(EPOLL_CTL_MOD, connection.socket, EPOLLIN | EPOLLOUT, &connection);
      return true;
    }
    connection.written += static_cast<size_t>(size);
    if (connection.written == output.size()) {
      output.clear();
      connection.written = 0;
    }
    return true;
  }

  void close(Connection& connection) {
    ::close(connection.socket);
    nghttp2_session_del(connection.session);
    for (Stream* stream : connection.spare) delete stream;
    delete &connection;
  }

  int listener_;
  int epoll_;
  nghttp2_session_callbacks* callbacks_ = make_callbacks();
  nghttp2_option* option_ = nullptr;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(kReceiveSize);
};

// Returns the socket; `port` becomes the bound one.
int listen_on(int& port) {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket, generic, size) != 0 || ::listen(socket, 1024) != 0) return -1;
  ::getsockname(socket, generic, &size);
  port = ntohs(address.sin_port);
  return socket;
}

}  // namespace

int main(int argc, char** argv) {
  int port = argc == 3 && std::string_view(argv[1]) == "--port" ? std::atoi(argv[2]) : -1;
  if (port < 0 || port > 65535) {
    std::fprintf(stderr, "usage: echo --port PORT    (0 picks a free one)\n");
    return 2;
  }
  int listener = listen_on(port);
  if (listener < 0) {
    std::fprintf(stderr, "echo: cannot listen on 127.0.0.1:%d: %s\n", port, std::strerror(errno));
    return 1;
  }
  std::printf("%d\n", port);
  std::fflush(stdout);
  Loop(listener).run();
}

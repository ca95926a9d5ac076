#include "transport/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "transport/byte_stream.h"

namespace skein::transport {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 64;
constexpr Duration kPause = std::chrono::milliseconds(100);

Status cannot_listen(const std::string& where, const char* reason) {
  return unavailable("cannot listen on " + where + ": " + reason);
}

bool is_socket(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

int bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::string label(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return "unix";
}

FileDescriptor new_socket(int family) {
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// True when somebody accepts connections there.
bool answers(const sockaddr_un& address) {
  FileDescriptor probe = new_socket(AF_UNIX);
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<std::shared_ptr<TcpSocket>> open_tcp(const std::string& host, int port) {
  std::string where = host + ":" + std::to_string(port);
  if (port < 0 || port > 65535) return cannot_listen(where, "a port is a number from 0 to 65535");
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return cannot_listen(where, ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  FileDescriptor socket = new_socket(found->ai_family);
  int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen(where, std::strerror(errno));
  }
  int bound = bound_port(socket.get());
  return std::make_shared<TcpSocket>(TcpSocket{std::move(socket), bound});
}

Result<std::shared_ptr<FileDescriptor>> open_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return cannot_listen("unix:" + path, "the path must have 1 to 107 bytes");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  FileDescriptor socket = new_socket(AF_UNIX);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  int bound = ::bind(socket.get(), generic, sizeof address);
  if (bound != 0 && errno == EADDRINUSE) {
    if (!is_socket(path)) {
      return cannot_listen("unix:" + path,
                           "a file that is no socket is there; choose another path");
    }
    if (answers(address)) return cannot_listen("unix:" + path, "another process listens there");
    ::unlink(path.c_str());
    bound = ::bind(socket.get(), generic, sizeof address);
  }
  if (bound != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen("unix:" + path, std::strerror(errno));
  }
  return std::make_shared<FileDescriptor>(std::move(socket));
}

Listener::Listener(IoThread& thread, FileDescriptor socket, std::string unix_path)
    : thread_(thread), socket_(std::move(socket)), unix_path_(std::move(unix_path)) {}

Listener::~Listener() {
  thread_.timers().disarm(*this);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

void Listener::start() { thread_.watch(socket_.get(), EPOLLIN, *this); }

void Listener::on_events(uint32_t) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (!accept_one()) return;
  }
}

bool Listener::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  FileDescriptor socket(::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size,
                                  SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
    return errno == ECONNABORTED || errno == EINTR;
  }
  ServerState& server = thread_.server();
  if (server.connections.load() >= server.options.max_connections) {
    server.connections_refused.fetch_add(1);
    return true;  // closed by its destructor
  }
  int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  place(std::move(socket), label(address));
  return true;
}

void Listener::pause() {
  // Out of descriptors: the pending connection stays readable, so look away for a moment.
  thread_.unwatch(socket_.get());
  thread_.timers().arm(*this, thread_.now() + kPause);
}

void Listener::on_timer(TimePoint) { start(); }

void Listener::place(FileDescriptor socket, std::string peer) {
  ServerState& server = thread_.server();
  server.connection_opened();
  server.connections_total.fetch_add(1);
  IoThread* least = nullptr;
  for (const auto& thread : server.threads) {
    if (least == nullptr || thread->load() < least->load()) least = thread.get();
  }
  least->add_load();
  auto stream = std::make_shared<std::unique_ptr<ByteStream>>(socket_stream(std::move(socket)));
  least->post([least, stream, peer = std::move(peer)] { least->adopt(std::move(*stream), peer); });
}

}  // namespace skein::transport

#include "load/target.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace skein::load {
namespace {

constexpr std::string_view kUnix = "unix:";

Status refused(const std::string& target, int error) {
  return unavailable("cannot connect to " + target + ": " + std::strerror(error) +
                     "; is the server running and is this its address?");
}

Result<int> connect_socket(const std::string& target, const sockaddr* address, socklen_t size) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused(target, errno);
  if (connect(fd, address, size) != 0) {
    int error = errno;
    close(fd);
    return refused(target, error);
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

Result<int> connect_unix(const std::string& target) {
  std::string path = target.substr(kUnix.size());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return invalid_argument("--target " + target + ": a socket path has 1 to " +
                            std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_socket(target, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

Result<int> connect_tcp(const std::string& target) {
  size_t colon = target.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == target.size()) {
    return invalid_argument("--target " + target + ": expected HOST:PORT or unix:PATH");
  }
  std::string host = target.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int error = getaddrinfo(host.c_str(), target.c_str() + colon + 1, &hints, &found);
  if (error != 0) {
    return invalid_argument("--target " + target + ": " + gai_strerror(error));
  }
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  Result<int> last = refused(target, EADDRNOTAVAIL);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    last = connect_socket(target, each->ai_addr, each->ai_addrlen);
    if (!last.ok()) continue;
    int on = 1;
    setsockopt(*last, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    break;
  }
  return last;
}

}  // namespace

Result<int> connect_to(const std::string& target) {
  return target.starts_with(kUnix) ? connect_unix(target) : connect_tcp(target);
}

std::string authority_of(const std::string& target) {
  return target.starts_with(kUnix) ? "localhost" : target;
}

}  // namespace skein::load

#include "transport/byte_stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace skein::transport {
namespace {

IoResult result_of(ssize_t count) {
  if (count > 0) return {IoResult::State::kDone, static_cast<size_t>(count)};
  bool retry = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {retry ? IoResult::State::kWouldBlock : IoResult::State::kClosed, 0};
}

class SocketStream final : public ByteStream {
 public:
  explicit SocketStream(FileDescriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const override { return socket_.get(); }
  IoResult read(std::span<std::byte> into) override {
    return result_of(::recv(socket_.get(), into.data(), into.size(), 0));
  }
  IoResult write(std::span<const iovec> pieces) override {
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(pieces.data());
    header.msg_iovlen = pieces.size();
    return result_of(::sendmsg(socket_.get(), &header, MSG_NOSIGNAL));
  }
  void finish_writing() override { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  FileDescriptor socket_;
};

}  // namespace

std::unique_ptr<ByteStream> socket_stream(FileDescriptor socket) {
  return std::make_unique<SocketStream>(std::move(socket));
}

}  // namespace skein::transport

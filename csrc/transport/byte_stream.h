// The bytes below HTTP/2: a socket now, TLS over a socket later.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

#include "transport/file_descriptor.h"

namespace skein::transport {

struct IoResult {
  enum class State { kDone, kWouldBlock, kClosed };
  State state = State::kClosed;
  size_t bytes = 0;  // > 0 when kDone
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual int descriptor() const = 0;  // for epoll
  virtual IoResult read(std::span<std::byte> into) = 0;
  virtual IoResult write(std::span<const iovec> pieces) = 0;
  // No more will be written; the peer sees the end after what was written.
  virtual void finish_writing() = 0;
};

// Takes a connected, non-blocking socket.
std::unique_ptr<ByteStream> socket_stream(FileDescriptor socket);

}  // namespace skein::transport

// Puts length-prefixed messages together from the bytes of one direction of a stream. Knows
// nothing of how many messages a method takes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/status.h"
#include "transport/grpc_codec.h"

namespace skein::transport {

class MessageAssembler {
 public:
  // Consumes `input` up to the end of one message at most, and removes that from its front.
  // An error is final: the caller stops feeding.
  Status feed(std::span<const std::byte>& input, size_t max_message_bytes);

  bool complete() const { return has_prefix_ && received_ == prefix_.length; }
  // Nothing of a further message has arrived.
  bool idle() const { return !has_prefix_ && prefix_received_ == 0; }
  // Payload bytes held so far, and announced.
  size_t received() const { return received_; }
  size_t announced() const { return has_prefix_ ? prefix_.length : 0; }
  // The complete message; ready for the next one.
  Slice take();
  // Drops whatever has arrived.
  void reset() {
    if (!idle()) *this = {};
  }

 private:
  Status begin_message(size_t max_message_bytes);

  std::array<std::byte, kPrefixSize> prefix_bytes_{};
  size_t prefix_received_ = 0;
  MessagePrefix prefix_;
  bool has_prefix_ = false;
  Ref<Buffer> buffer_;
  size_t received_ = 0;
};

}  // namespace skein::transport

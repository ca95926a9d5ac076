#include "transport/message_assembler.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace skein::transport {

Status MessageAssembler::begin_message(size_t max_message_bytes) {
  prefix_ = parse_prefix(prefix_bytes_);
  if (prefix_.compressed == 1) {
    // gRPC's compression rules: the flag without a negotiated grpc-encoding is INTERNAL.
    return internal(
        "message is flagged as compressed but the call announced no grpc-encoding; send it "
        "uncompressed");
  }
  if (prefix_.compressed != 0) {
    return internal("first byte of the message prefix is " + std::to_string(prefix_.compressed) +
                    "; expected 0 (uncompressed)");
  }
  if (prefix_.length > max_message_bytes) {
    return resource_exhausted("message of " + std::to_string(prefix_.length) +
                              " bytes is larger than the limit of " +
                              std::to_string(max_message_bytes) +
                              " bytes; send smaller batches or raise the server's limit");
  }
  try {
    // Pages are only occupied when bytes arrive, so an announced length costs nothing yet.
    buffer_ = Buffer::allocate(prefix_.length);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("no memory for a message of " + std::to_string(prefix_.length) +
                              " bytes; retry later");
  }
  has_prefix_ = true;
  return {};
}

Status MessageAssembler::feed(std::span<const std::byte>& input, size_t max_message_bytes) {
  if (!has_prefix_) {
    size_t count = std::min(kPrefixSize - prefix_received_, input.size());
    std::memcpy(prefix_bytes_.data() + prefix_received_, input.data(), count);
    prefix_received_ += count;
    input = input.subspan(count);
    if (prefix_received_ < kPrefixSize) return {};
    Status status = begin_message(max_message_bytes);
    if (!status.ok()) return status;
  }
  size_t count = std::min(prefix_.length - received_, input.size());
  if (count > 0) std::memcpy(buffer_->data() + received_, input.data(), count);
  received_ += count;
  input = input.subspan(count);
  return {};
}

Slice MessageAssembler::take() {
  Slice message = whole(std::move(buffer_));
  reset();
  return message;
}

}  // namespace skein::transport

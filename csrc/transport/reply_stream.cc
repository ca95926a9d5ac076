#include "transport/reply_stream.h"

#include <algorithm>

#include "transport/grpc_codec.h"

namespace skein::transport {

void ReplyStream::add(Body message) {
  unsent_ += kPrefixSize + message.size();
  messages_.push_back(std::move(message));
}

size_t ReplyStream::move_piece(WriteQueue& queue, size_t count) {
  const Body& body = messages_[message_];
  if (piece_ == 0) {
    auto prefix = make_prefix(static_cast<uint32_t>(body.size()));
    size_t moved = std::min(count, kPrefixSize - offset_);
    queue.copy({prefix.data() + offset_, moved});
    return moved;
  }
  const Slice& slice = body.slice(piece_ - 1);
  size_t moved = std::min(count, slice.size - offset_);
  if (moved > 0) queue.append(slice.owner, {slice.data + offset_, moved});
  return moved;
}

void ReplyStream::move_to(WriteQueue& queue, size_t count) {
  unsent_ -= count;
  while (count > 0) {
    const Body& body = messages_[message_];
    size_t moved = move_piece(queue, count);
    count -= moved;
    offset_ += moved;
    size_t size = piece_ == 0 ? kPrefixSize : body.slice(piece_ - 1).size;
    if (offset_ < size) continue;
    offset_ = 0;
    if (piece_++ < body.slice_count()) continue;
    piece_ = 0;
    if (message_ + 1 < messages_.size()) messages_[message_] = {};  // clear() drops the last
    ++message_;
  }
  if (unsent_ == 0) clear();
}

void ReplyStream::clear() {
  if (messages_.empty()) return;
  messages_.clear();
  message_ = 0;
  piece_ = 0;
  offset_ = 0;
  unsent_ = 0;
}

}  // namespace skein::transport

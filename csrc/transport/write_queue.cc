#include "transport/write_queue.h"

namespace skein::transport {
namespace {

constexpr size_t kKeptCapacity = 128 << 10;

}  // namespace

void WriteQueue::copy(std::span<const std::byte> bytes) {
  bool extends = queue_.size() > head_ && !queue_.back().owner;
  if (!extends) queue_.push_back({{}, nullptr, copied_.size(), 0});
  queue_.back().size += bytes.size();
  copied_.insert(copied_.end(), bytes.begin(), bytes.end());
  size_ += bytes.size();
}

void WriteQueue::append(const Ref<Buffer>& owner, std::span<const std::byte> bytes) {
  if (bytes.size() < kCopyBelow) return copy(bytes);
  queue_.push_back({owner, bytes.data(), 0, bytes.size()});
  size_ += bytes.size();
}

std::span<const iovec> WriteQueue::pieces(std::span<iovec> space) const {
  size_t count = 0;
  size_t skip = head_written_;
  for (size_t i = head_; i < queue_.size() && count < space.size(); ++i, ++count) {
    const Piece& piece = queue_[i];
    const std::byte* data = piece.owner ? piece.data : copied_.data() + piece.offset;
    space[count] = {const_cast<std::byte*>(data) + skip, piece.size - skip};
    skip = 0;
  }
  return space.first(count);
}

void WriteQueue::written(size_t count) {
  size_ -= count;
  if (size_ == 0) return clear();
  head_written_ += count;
  while (head_written_ >= queue_[head_].size) {
    head_written_ -= queue_[head_].size;
    queue_[head_++].owner = {};
  }
}

void WriteQueue::clear() {
  queue_.clear();
  copied_.clear();
  if (copied_.capacity() > kKeptCapacity) copied_.shrink_to_fit();
  head_ = 0;
  head_written_ = 0;
}

}  // namespace skein::transport

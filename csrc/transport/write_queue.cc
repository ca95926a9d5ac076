#include "transport/write_queue.h"

#include <algorithm>

namespace skein::transport {
namespace {

constexpr size_t kFirstRoom = 4 << 10;
constexpr size_t kMostKept = 128 << 10;

}  // namespace

void WriteQueue::prepare_copy(size_t size) {
  if (size > room_ - copied_) {
    size_t room = std::max({kFirstRoom, 2 * room_, copied_ + size});
    auto memory = std::make_unique_for_overwrite<std::byte[]>(room);
    if (copied_ > 0) std::memcpy(memory.get(), memory_.get(), copied_);
    memory_ = std::move(memory);
    room_ = room;
  }
  if (std::exchange(extends_, true)) return;
  queue_.push_back({{}, nullptr, copied_, 0});
}

void WriteQueue::append(const Ref<Buffer>& owner, std::span<const std::byte> bytes) {
  if (bytes.size() < kCopyBelow) return copy(bytes);
  queue_.push_back({owner, bytes.data(), 0, bytes.size()});
  extends_ = false;
  size_ += bytes.size();
}

std::span<const iovec> WriteQueue::pieces(std::span<iovec> space) const {
  size_t count = 0;
  size_t skip = head_written_;
  for (size_t i = head_; i < queue_.size() && count < space.size(); ++i, ++count) {
    const Piece& piece = queue_[i];
    const std::byte* data = piece.owner ? piece.data : memory_.get() + piece.offset;
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
  copied_ = 0;
  extends_ = false;
  if (room_ > kMostKept) {
    memory_.reset();
    room_ = 0;
  }
  head_ = 0;
  head_written_ = 0;
}

}  // namespace skein::transport

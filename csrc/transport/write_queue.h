// Bytes of one connection on their way to the socket, in order: small ones copied together, large
// ones referred to and kept alive until they are written.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.h"

namespace skein::transport {

class WriteQueue {
 public:
  // Shorter slices cost less to copy than to refer to.
  static constexpr size_t kCopyBelow = 2048;

  void copy(std::span<const std::byte> bytes) {
    if (bytes.size() > room_ - copied_ || !extends_) prepare_copy(bytes.size());
    std::memcpy(memory_.get() + copied_, bytes.data(), bytes.size());
    copied_ += bytes.size();
    size_ += bytes.size();
    queue_.back().size += bytes.size();
  }
  // Copies or refers, by size.
  void append(const Ref<Buffer>& owner, std::span<const std::byte> bytes);

  bool empty() const { return size_ == 0; }
  // Bytes not yet written.
  size_t size() const { return size_; }
  // Bytes copied since the queue was last empty: the memory it occupies itself.
  size_t copied() const { return copied_; }

  // The next bytes to write, as many pieces as fit; valid until the next call that changes this.
  std::span<const iovec> pieces(std::span<iovec> space) const;
  // The first `count` bytes have been written.
  void written(size_t count);

 private:
  struct Piece {
    Ref<Buffer> owner;  // none: in memory_, at `offset`
    const std::byte* data = nullptr;
    size_t offset = 0;
    size_t size = 0;
  };
  // The last piece is a copied one and memory_ has `size` bytes of room.
  void prepare_copy(size_t size);
  void clear();

  std::unique_ptr<std::byte[]> memory_;
  size_t room_ = 0;       // bytes in memory_,
  size_t copied_ = 0;     // of which so many are taken
  bool extends_ = false;  // the last piece ends at copied_
  std::vector<Piece> queue_;
  size_t head_ = 0;          // first piece not wholly written
  size_t head_written_ = 0;  // of which so many bytes are
  size_t size_ = 0;
};

}  // namespace skein::transport

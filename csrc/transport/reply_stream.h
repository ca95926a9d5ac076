// The reply messages of one call, framed with their prefixes and moved piece by piece to the
// connection's write queue as flow control allows.
#pragma once

#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "transport/write_queue.h"

namespace skein::transport {

class ReplyStream {
 public:
  // body.size() < 2^32.
  void add(Body message);
  // Bytes still to move, prefixes included.
  size_t unsent() const { return unsent_; }
  // `count` <= unsent().
  void move_to(WriteQueue& queue, size_t count);
  void clear();

 private:
  // Moves up to `count` bytes of the slice or prefix at the cursor; returns how many.
  size_t move_piece(WriteQueue& queue, size_t count);

  std::vector<Body> messages_;
  size_t message_ = 0;  // cursor: which message,
  size_t piece_ = 0;    // which piece of it (0: prefix, i: slice i - 1),
  size_t offset_ = 0;   // and how far into that piece
  size_t unsent_ = 0;
};

}  // namespace skein::transport

#include "transport/reply_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "transport/grpc_codec.h"

namespace skein::transport {
namespace {

std::string drained(WriteQueue& queue, size_t step) {
  std::string text;
  std::array<iovec, 3> space;
  while (!queue.empty()) {
    size_t left = step;
    for (const iovec& piece : queue.pieces(space)) {
      size_t count = std::min(left, piece.iov_len);
      text.append(static_cast<const char*>(piece.iov_base), count);
      left -= count;
    }
    queue.written(step - left);
  }
  return text;
}

Body body_of(const std::vector<std::string>& parts) {
  Body body;
  for (const std::string& part : parts) body.append(copy_of(part));
  return body;
}

TEST(ReplyStream, frames_and_splits_messages_anywhere) {
  std::string large(WriteQueue::kCopyBelow * 2 + 3, 'L');
  for (size_t step : {1, 2, 5, 7, 4096, 100'000}) {
    ReplyStream reply;
    WriteQueue queue;
    reply.add(body_of({"abc", "", large, "z"}));
    reply.add(body_of({}));
    reply.add(body_of({"last"}));
    std::string expected;
    for (const std::string& message : {"abc" + large + "z", std::string(), std::string("last")}) {
      auto prefix = make_prefix(static_cast<uint32_t>(message.size()));
      expected.append(reinterpret_cast<const char*>(prefix.data()), prefix.size());
      expected += message;
    }
    EXPECT_EQ(reply.unsent(), expected.size());
    while (reply.unsent() > 0) reply.move_to(queue, std::min(step, reply.unsent()));
    EXPECT_EQ(queue.size(), expected.size());
    EXPECT_EQ(drained(queue, step), expected) << step;
  }
}

TEST(WriteQueue, keeps_large_pieces_alive_until_written) {
  Slice slice = copy_of(std::string(WriteQueue::kCopyBelow, 'x'));
  const std::byte* data = slice.data;
  WriteQueue queue;
  queue.append(slice.owner, slice.bytes());
  slice = {};
  std::array<iovec, 2> space;
  auto pieces = queue.pieces(space);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].iov_base, data) << "not copied";
  EXPECT_EQ(drained(queue, 10).size(), WriteQueue::kCopyBelow);
}

}  // namespace
}  // namespace skein::transport

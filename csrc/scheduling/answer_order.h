// Holds answers back until all requests that came before have theirs, for models whose clients
// count on it. Any thread.
#pragma once

#include <deque>
#include <mutex>
#include <optional>

#include "base/status.h"
#include "scheduling/request.h"

namespace skein::scheduling {

class AnswerOrder {
 public:
  // The request's turn is after those expected before. Not concurrent with itself.
  void expect(Request& request);

  // Answers it (or fails it, unless `status` is ok) when its turn comes, now or on the thread that
  // makes it come.
  void complete(Request& request, Status status);

  // It is completed by somebody else: its turn is over.
  void skip(Request& request);

 private:
  struct Turn {
    Request* request = nullptr;  // null: skipped
    std::optional<Status> outcome;
  };
  void settle(uint64_t sequence, Request* request, Status status);

  std::mutex mutex_;
  std::deque<Turn> turns_;
  uint64_t first_ = 0;      // the sequence of turns_.front()
  bool answering_ = false;  // a thread is sending what is due
};

}  // namespace skein::scheduling

#include "scheduling/answer_order.h"

#include <utility>

namespace skein::scheduling {

void AnswerOrder::expect(Request& request) {
  std::lock_guard lock(mutex_);
  request.sequence_ = first_ + turns_.size();
  turns_.emplace_back();
}

void AnswerOrder::complete(Request& request, Status status) {
  settle(request.sequence_, &request, std::move(status));
}

void AnswerOrder::skip(Request& request) { settle(request.sequence_, nullptr, {}); }

void AnswerOrder::settle(uint64_t sequence, Request* request, Status status) {
  std::unique_lock lock(mutex_);
  turns_[static_cast<size_t>(sequence - first_)] = {request, std::move(status)};
  if (answering_) return;  // that thread looks again before it leaves
  answering_ = true;
  while (!turns_.empty() && turns_.front().outcome) {
    Turn turn = std::move(turns_.front());
    turns_.pop_front();
    ++first_;
    if (turn.request == nullptr) continue;
    lock.unlock();
    if (turn.outcome->ok()) {
      turn.request->answer();
    } else {
      turn.request->fail(std::move(*turn.outcome));
    }
    lock.lock();
  }
  answering_ = false;
}

}  // namespace skein::scheduling

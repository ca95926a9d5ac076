#include "scheduling/request.h"

#include <utility>

namespace skein::scheduling {
namespace {

std::atomic<uint64_t> dropped_requests{0};

}  // namespace

void Request::answer() {
  in_use_ = false;
  send_answer();
}

void Request::fail(Status status) {
  in_use_ = false;
  send_failure(std::move(status));
}

bool Request::describe(telemetry::RequestRecord&) const { return false; }

uint64_t Request::dropped() { return dropped_requests.load(std::memory_order_relaxed); }

Request::~Request() {
  if (in_use_) dropped_requests.fetch_add(1, std::memory_order_relaxed);
}

void Request::begin_again() {
  if (in_use_) dropped_requests.fetch_add(1, std::memory_order_relaxed);
  in_use_ = false;
  item = {};
  wanted_outputs = ~uint64_t{0};
  key = kOneShape;
  deadline = kNever;
  queue_until = kNever;
  predicted_wait = Duration(0);
  probe = false;
  immediate = false;
  unprepared = false;
  preparation = Duration(0);
  level = 0;
}

void RequestList::push_back(Request& request) {
  request.previous_ = tail_;
  request.next_ = nullptr;
  (tail_ == nullptr ? head_ : tail_->next_) = &request;
  tail_ = &request;
}

void RequestList::insert(Request& request) {
  Request* before = tail_;
  while (before != nullptr && request.urgency_ < before->urgency_) before = before->previous_;
  if (before == tail_) return push_back(request);
  Request*& after = before == nullptr ? head_ : before->next_;
  request.previous_ = before;
  request.next_ = after;
  after->previous_ = &request;
  after = &request;
}

void RequestList::remove(Request& request) {
  (request.previous_ == nullptr ? head_ : request.previous_->next_) = request.next_;
  (request.next_ == nullptr ? tail_ : request.next_->previous_) = request.previous_;
  request.previous_ = request.next_ = nullptr;
}

Request* RequestList::pop_front() {
  Request* request = head_;
  if (request != nullptr) remove(*request);
  return request;
}

}  // namespace skein::scheduling

#include "transport/stream_call.h"

#include <limits>
#include <memory>
#include <utility>

#include "transport/connection.h"
#include "transport/io_thread.h"

namespace skein::transport {
namespace {

constexpr size_t kMaxReplyBytes = std::numeric_limits<uint32_t>::max();

class MessageItem final : public OutboxItem {
 public:
  MessageItem(StreamCall& call, Body message) : call_(call), message_(std::move(message)) {}
  void deliver() override {
    call_.deliver_message(std::move(message_));
    delete this;
  }

 private:
  StreamCall& call_;
  Body message_;
};

int64_t signed_size(size_t size) { return static_cast<int64_t>(size); }

}  // namespace

StreamCall::StreamCall(IoThread& thread)
    : thread_(thread), head_(static_cast<size_t>(thread.options().max_header_list_bytes)) {
  io_thread_ = thread.index();
}

void StreamCall::send(Body message) { thread_.push(new MessageItem(*this, std::move(message))); }

void StreamCall::finish(Status status) {
  last_status_ = std::move(status);
  finish_called_.store(true, std::memory_order_release);
  thread_.push(this);
}

void StreamCall::finish_with(Body message) {
  if (message.size() > kMaxReplyBytes) {
    return finish(internal("reply of " + std::to_string(message.size()) +
                           " bytes does not fit a gRPC message (at most 4 GiB)"));
  }
  last_message_ = std::move(message);
  finish({});
}

void StreamCall::open(Connection& connection, int32_t stream_id) {
  connection_ = &connection;
  stream_id_ = stream_id;
  client_sends_ = true;
  peer_ = *connection.peer();
  thread_.counters().streams.add(1);
}

void StreamCall::on_headers() {
  path_ = head_.path();
  if (head_.malformed()) return reject();
  if (auto refusal = head_.refusal()) return refuse(std::move(*refusal));
  handler_ = thread_.server().router.find(path_);
  handler_epoch_ = thread_.epoch();
  if (handler_ == nullptr) {
    return refuse({unimplemented("unknown method " + std::string(path_))});
  }
  if (auto timeout = head_.timeout()) {
    if (*timeout <= Duration::zero()) {
      return refuse({{Code::kDeadlineExceeded, "the deadline had passed when the call arrived"}});
    }
    TimePoint now = thread_.now();
    if (*timeout < kNever - now) deadline_ = now + *timeout;
    thread_.timers().arm(*this, deadline_);
  }
}

void StreamCall::on_data(std::span<const std::byte> bytes) {
  body_size_ += bytes.size();
  if (body_size_ > head_.content_length().value_or(body_size_)) return reject();
  while (!bytes.empty() && !reply_ended_) {
    if (assembler_.complete()) {
      return refuse({unimplemented(std::string(path_) +
                                   " takes exactly one request message; a second one came")});
    }
    size_t before = assembler_.received();
    auto limit = static_cast<size_t>(thread_.options().max_message_bytes);
    Status status = assembler_.feed(bytes, limit);
    if (!status.ok()) return refuse({std::move(status)});
    hold({signed_size(assembler_.received() - before), 0});
  }
}

void StreamCall::on_half_close() {
  client_sends_ = false;
  if (reply_ended_) return;
  if (body_size_ != head_.content_length().value_or(body_size_)) return reject();
  if (assembler_.complete()) return dispatch();
  if (assembler_.idle()) {
    return refuse({internal("the call ended without a message; " + std::string(path_) +
                            " takes exactly one")});
  }
  refuse({internal("the call ended inside its message: " + std::to_string(assembler_.received()) +
                   " of " + std::to_string(assembler_.announced()) + " bytes came")});
}

void StreamCall::dispatch() {
  if (handler_epoch_ != thread_.epoch()) handler_ = thread_.server().router.find(path_);
  if (handler_ == nullptr) {
    return refuse({unimplemented("unknown method " + std::string(path_))});
  }
  message_ = assembler_.take();
  hold({-signed_size(message_.size), signed_size(message_.size)});
  arrival_ = thread_.now();
  running_ = true;
  thread_.counters().calls_running.add(1);
  thread_.counters().calls_total.add(1);
  thread_.mark_handler(*handler_);
  handler_->on_call(*this);
}

void StreamCall::refuse(Refusal refusal) {
  if (reply_ended_ || stream_id_ == 0) return;
  thread_.timers().disarm(*this);
  drop_partial();
  reply_ended_ = true;
  if (reply_started_) {
    drop_reply();
    return connection_->reset_stream(*this, NGHTTP2_CANCEL);
  }
  reply_started_ = true;
  connection_->submit_refusal(*this, refusal);
}

void StreamCall::reject() {
  if (reply_ended_ || stream_id_ == 0) return;
  thread_.timers().disarm(*this);
  drop_partial();
  drop_reply();
  reply_started_ = true;
  reply_ended_ = true;
  connection_->reset_stream(*this, NGHTTP2_PROTOCOL_ERROR);
}

void StreamCall::deliver_message(Body message) {
  if (reply_ended_ || stream_id_ == 0) return;
  hold({0, signed_size(kPrefixSize + message.size())});
  reply_.add(std::move(message));
  if (std::exchange(reply_started_, true)) {
    connection_->resume_reply(*this);
  } else {
    connection_->submit_reply(*this);
  }
}

void StreamCall::deliver() {
  running_ = false;
  thread_.counters().calls_running.add(-1);
  hold({0, -signed_size(message_.size)});
  message_ = {};
  if (stream_id_ == 0) return retire();
  if (reply_ended_) return last_message_.reset();  // nobody waits for it any more
  thread_.timers().disarm(*this);
  reply_ended_ = true;
  reply_status_ = std::move(last_status_);
  if (last_message_) {
    hold({0, signed_size(kPrefixSize + last_message_->size())});
    reply_.add(std::move(*last_message_));
    last_message_.reset();
  }
  if (reply_started_) {
    connection_->resume_reply(*this);
  } else if (reply_.unsent() > 0) {
    connection_->submit_reply(*this);
  } else {
    connection_->submit_refusal(*this, {std::move(reply_status_)});
  }
  reply_started_ = true;
}

void StreamCall::moved_to_queue(size_t count) {
  reply_.move_to(connection_->queue(), count);
  hold({0, -signed_size(count)});
}

void StreamCall::on_timer(TimePoint) {
  abandon(Abandoned::kExpired);
  refuse({{Code::kDeadlineExceeded, "the deadline passed before the reply was ready"}});
}

void StreamCall::on_stream_closed() {
  stream_id_ = 0;
  thread_.counters().streams.add(-1);
  thread_.timers().disarm(*this);
  drop_partial();
  drop_reply();
  if (!running_) return retire();
  abandon(Abandoned::kCancelled);
}

void StreamCall::on_connection_lost() {
  if (stream_id_ != 0) {
    stream_id_ = 0;
    thread_.counters().streams.add(-1);
  }
  thread_.timers().disarm(*this);
  drop_partial();
  drop_reply();
  hold({0, -signed_size(message_.size)});
  if (running_) kept_peer_ = connection_->peer();
  connection_ = nullptr;
  if (!running_) return thread_.recycle(*this);
  hold({0, signed_size(message_.size)});
  abandon(Abandoned::kCancelled);
}

void StreamCall::abandon(Abandoned why) {
  if (!running_ || abandoned_.load(std::memory_order_relaxed)) return;
  abandoned_.store(true, std::memory_order_release);
  if (finish_called_.load(std::memory_order_acquire)) return;
  if (abandon_listener_ != nullptr) abandon_listener_->on_abandoned(*this, why);
}

void StreamCall::hold(HeldBytes delta) {
  if (connection_ != nullptr) {
    connection_->hold(delta);
  } else {
    thread_.change_budget(delta);
  }
}

void StreamCall::drop_partial() {
  if (assembler_.idle()) return;
  hold({-signed_size(assembler_.received()), 0});
  assembler_.reset();
}

void StreamCall::drop_reply() {
  if (reply_.unsent() == 0) return;
  hold({0, -signed_size(reply_.unsent())});
  reply_.clear();
}

void StreamCall::retire() {
  if (connection_ != nullptr) connection_->forget(*this);
  thread_.recycle(*this);
}

void StreamCall::clear() {
  state_.reset();
  abandon_listener_ = nullptr;
  abandoned_.store(false, std::memory_order_relaxed);
  path_ = {};
  peer_ = {};
  kept_peer_.reset();
  message_ = {};
  deadline_ = kNever;
  connection_ = nullptr;
  handler_ = nullptr;
  head_.clear();
  assembler_.reset();
  body_size_ = 0;
  unconsumed_ = 0;
  client_sends_ = false;
  reply_.clear();
  reply_status_ = {};
  reply_started_ = false;
  reply_ended_ = false;
  last_message_.reset();
  last_status_ = {};
  finish_called_.store(false, std::memory_order_relaxed);
}

void CallList::append(StreamCall& call) {
  call.previous_ = newest_;
  call.next_ = nullptr;
  (newest_ != nullptr ? newest_->next_ : oldest_) = &call;
  newest_ = &call;
}

void CallList::remove(StreamCall& call) {
  (call.previous_ != nullptr ? call.previous_->next_ : oldest_) = call.next_;
  (call.next_ != nullptr ? call.next_->previous_ : newest_) = call.previous_;
}

}  // namespace skein::transport

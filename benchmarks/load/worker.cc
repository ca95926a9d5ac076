#include "load/worker.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace skein::load {
namespace {

constexpr size_t kMaxWaiting = 100'000;
constexpr auto kGrace = std::chrono::seconds(10);

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

uint64_t nanoseconds_between(TimePoint from, TimePoint to) {
  return to > from ? static_cast<uint64_t>((to - from).count()) : 0;
}

timespec until(TimePoint wake, TimePoint now) {
  constexpr int64_t kBillion = 1'000'000'000;
  int64_t ns = wake > now ? std::min<int64_t>((wake - now).count(), kBillion) : 0;
  return {ns / kBillion, ns % kBillion};
}

}  // namespace

Worker::Worker(const Options& options, const Plan& plan, const RequestHeaders& headers,
               const std::vector<Message>& messages, const std::vector<int>& sockets)
    : options_(options),
      plan_(plan),
      messages_(messages),
      arrivals_(options.arrivals, std::max(plan.rate, 1e-3), plan.seed, plan.start),
      open_connections_(sockets.size()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (int fd : sockets) {
    uint64_t index = peers_.size();
    ReplyCheck check{options.expect_bytes};
    peers_.push_back({std::make_unique<Connection>(fd, headers, check, *this), index});
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

Worker::~Worker() { close(epoll_); }

void Worker::run(const std::function<void()>& measured) {
  prctl(PR_SET_TIMERSLACK, 1);  // arrivals are scheduled to the microsecond
  now_ = steady_now();
  for (Peer& peer : peers_) options_.open_loop() ? flush(peer) : refill(peer);
  while (!finished()) {
    if (options_.open_loop()) schedule_arrivals();
    turn(next_wake());
  }
  sending_ = false;
  plan_.end = std::min(plan_.end, now_);
  measured();
  TimePoint last = now_ + kGrace;
  auto busy = [](const Peer& peer) { return peer.connection->in_flight() > 0; };
  while ((!waiting_.empty() || std::ranges::any_of(peers_, busy)) && now_ < last &&
         open_connections_ > 0) {
    send_waiting();
    turn(last);
  }
  give_up_open_calls();
}

bool Worker::finished() const {
  return open_connections_ == 0 || now_ >= plan_.end ||
         (plan_.requests > 0 && counted_ >= plan_.requests);
}

void Worker::refill(Peer& peer) {
  Connection& connection = *peer.connection;
  auto streams = static_cast<size_t>(options_.streams);
  while (connection.in_flight() < streams && connection.has_room()) {
    if (!start_call(connection, now_)) break;
  }
  flush(peer);
}

void Worker::schedule_arrivals() {
  now_ = steady_now();
  for (; arrivals_.next() <= now_ && !finished(); arrivals_.step()) {
    TimePoint start = arrivals_.next();
    if (counts(start)) ++counted_;
    if (waiting_.size() >= kMaxWaiting) {
      call_ended(start, kNotSent);
    } else {
      waiting_.push_back(start);
    }
  }
  send_waiting();
}

void Worker::send_waiting() {
  if (waiting_.empty()) return;
  while (!waiting_.empty()) {
    Connection* connection = next_with_room();
    if (connection == nullptr || !start_call(*connection, waiting_.front())) break;
    if (counts(waiting_.front())) {
      results_.lag_ns.record(nanoseconds_between(waiting_.front(), now_));
    }
    waiting_.pop_front();
  }
  for (Peer& peer : peers_) flush(peer);
}

Connection* Worker::next_with_room() {
  for (size_t tried = 0; tried < peers_.size(); ++tried) {
    Connection& connection = *peers_[next_peer_].connection;
    next_peer_ = (next_peer_ + 1) % peers_.size();
    if (connection.has_room()) return &connection;
  }
  return nullptr;
}

bool Worker::start_call(Connection& connection, TimePoint start) {
  if (!connection.submit(messages_[next_message_], start)) return false;
  next_message_ = next_message_ + 1 == messages_.size() ? 0 : next_message_ + 1;
  ++results_.sent_total;
  return true;
}

TimePoint Worker::next_wake() const {
  TimePoint wake = now_ < plan_.begin ? plan_.begin : plan_.end;
  return options_.open_loop() ? std::min(wake, arrivals_.next()) : wake;
}

// Waits for the network or `wake`, then handles everything that arrived.
void Worker::turn(TimePoint wake) {
  std::array<epoll_event, 64> events;
  timespec timeout = until(wake, steady_now());
  int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  now_ = steady_now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    Peer& peer = peers_[event.data.u64];
    if ((event.events & ~static_cast<uint32_t>(EPOLLOUT)) != 0) peer.connection->read();
    bool next = sending_ && !options_.open_loop();
    next ? refill(peer) : flush(peer);
    now_ = steady_now();
  }
}

void Worker::flush(Peer& peer) {
  if (peer.lost) return;
  peer.connection->flush();
  if (peer.connection->closed()) {
    peer.lost = true;
    --open_connections_;
    ++results_.connections_lost;
  } else if (peer.connection->wants_write() != peer.watching_write) {
    peer.watching_write = !peer.watching_write;
    uint32_t events = EPOLLIN | (peer.watching_write ? EPOLLOUT : 0u);
    epoll_event event{.events = events, .data = {.u64 = peer.index}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.connection->fd(), &event);
  }
}

void Worker::call_ended(TimePoint start, Outcome outcome) {
  if (outcome == kOk) ++results_.ok_total;
  bool answered = outcome < kConnectionLost;
  if (answered && in_window(now_)) ++results_.completed;
  if (!counts(start)) return;
  if (!options_.open_loop() && plan_.requests > 0 && counted_++ >= plan_.requests) return;
  ++results_.measured[outcome];
  if (outcome == kOk) results_.latency_ns.record(nanoseconds_between(start, now_));
}

void Worker::status_message(std::string_view message) {
  if (results_.first_message.empty()) results_.first_message = message;
}

void Worker::give_up_open_calls() {
  for (Peer& peer : peers_) peer.connection->close(kUnfinished);
  for (TimePoint start : waiting_) call_ended(start, kNotSent);
  waiting_.clear();
}

}  // namespace skein::load

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
               Workload& workload, const std::vector<int>& sockets)
    : options_(options),
      plan_(plan),
      workload_(workload),
      arrivals_(workload.trace, plan.thread, static_cast<size_t>(options.threads), plan.start,
                plan.end),
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
  while (true) {
    if (options_.open_loop()) send_due();
    if (finished()) break;
    turn(next_wake());
  }
  sending_ = false;
  plan_.end = std::min(plan_.end, now_ + Duration(1));  // what was due just now counts
  measured();
  TimePoint last = now_ + kGrace;
  auto busy = [](const Peer& peer) { return peer.connection->in_flight() > 0; };
  while ((!waiting_.empty() || std::ranges::any_of(peers_, busy)) && now_ < last &&
         open_connections_ > 0) {
    send_due();
    turn(last);
  }
  give_up_open_calls();
}

bool Worker::finished() const {
  if (open_connections_ == 0) return true;
  if (options_.open_loop() && plan_.end == kNever) return arrivals_.next() == kNever;
  if (options_.open_loop()) return now_ >= plan_.end && arrivals_.next() == kNever;
  return now_ >= plan_.end || (plan_.requests > 0 && counted_ >= plan_.requests);
}

void Worker::refill(Peer& peer) {
  Connection& connection = *peer.connection;
  auto streams = static_cast<size_t>(options_.streams);
  while (connection.in_flight() < streams && connection.has_room()) {
    if (!start_call(connection, {now_, options_.deadline_us, next_body_})) break;
    next_body_ = next_body_ + 1 == workload_.messages.size() ? 0 : next_body_ + 1;
  }
  flush(peer);
}

// Sends what is due, longest waiting first; what finds no stream waits without delaying the rest.
void Worker::send_due() {
  now_ = steady_now();
  bool sent = false;
  for (; !waiting_.empty() && send(waiting_.front()); waiting_.pop_front()) sent = true;
  while (arrivals_.next() <= now_) {
    Arrival arrival = arrivals_.take();
    if (waiting_.empty() && send(arrival)) {
      sent = true;
    } else {
      hold(arrival);
    }
  }
  if (!sent) return;
  for (Peer& peer : peers_) flush(peer);
}

bool Worker::send(const Arrival& arrival) {
  Connection* connection = next_with_room();
  if (connection == nullptr || !start_call(*connection, arrival)) return false;
  if (counts(arrival.start)) results_.lag_ns.record(nanoseconds_between(arrival.start, now_));
  if (recorded()) workload_.record[arrival.row].sent_ns = since_start();
  return true;
}

void Worker::hold(const Arrival& arrival) {
  if (counts(arrival.start)) ++results_.held;
  if (recorded()) workload_.record[arrival.row].held = 1;
  if (waiting_.size() >= kMaxWaiting) {
    call_ended(arrival, {kNotSent});
  } else {
    waiting_.push_back(arrival);
  }
}

Connection* Worker::next_with_room() {
  for (size_t tried = 0; tried < peers_.size(); ++tried) {
    Connection& connection = *peers_[next_peer_].connection;
    next_peer_ = (next_peer_ + 1) % peers_.size();
    if (connection.has_room()) return &connection;
  }
  return nullptr;
}

// What is left of the deadline: a late call must not make the server believe it has more time.
uint32_t Worker::timeout_of(const Arrival& arrival) const {
  if (arrival.deadline_us == 0 || !options_.send_deadlines) return 0;
  uint64_t gone_us = nanoseconds_between(arrival.start, now_) / 1000;
  return gone_us < arrival.deadline_us ? arrival.deadline_us - static_cast<uint32_t>(gone_us) : 1;
}

bool Worker::start_call(Connection& connection, const Arrival& arrival) {
  const Message& message = workload_.messages[arrival.body];
  if (!connection.submit(message, arrival, timeout_of(arrival))) return false;
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

void Worker::call_ended(const Arrival& arrival, Ending ending) {
  Outcome outcome = ending.outcome;
  if (outcome == kOk) ++results_.ok_total;
  bool answered = outcome < kConnectionLost;
  if (answered && in_window(now_)) ++results_.completed;
  bool in_time =
      answered && (arrival.deadline_us == 0 ||
                   now_ - arrival.start <= std::chrono::microseconds(arrival.deadline_us));
  if (recorded() && outcome != kNotSent) {
    RecordRow& row = workload_.record[arrival.row];
    row.done_ns = since_start();
    row.pushback_ms = ending.pushback_ms;
    row.outcome = static_cast<uint8_t>(outcome);
    row.in_time = in_time ? 1 : 0;
  }
  if (!counts(arrival.start)) return;
  if (!options_.open_loop() && plan_.requests > 0 && counted_++ >= plan_.requests) return;
  ++results_.measured[outcome];
  if (outcome == kResourceExhausted && ending.pushback_ms >= 0) ++results_.pushbacks;
  if (outcome != kOk) return;
  if (in_time) ++results_.in_time;
  results_.latency_ns.record(nanoseconds_between(arrival.start, now_));
}

void Worker::status_message(std::string_view message) {
  if (results_.first_message.empty()) results_.first_message = message;
}

void Worker::give_up_open_calls() {
  for (Peer& peer : peers_) peer.connection->close(kUnfinished);
  for (const Arrival& arrival : waiting_) call_ended(arrival, {kNotSent});
  while (arrivals_.next() != kNever) call_ended(arrivals_.take(), {kNotSent});
}

}  // namespace skein::load

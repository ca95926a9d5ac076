#include "transport/io_thread.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/thread_class.h"
#include "transport/byte_stream.h"
#include "transport/connection.h"
#include "transport/stream_call.h"

namespace skein::transport {
namespace {

constexpr size_t kReceiveBufferSize = 256 << 10;
constexpr size_t kFreeCallsKept = 4096;
constexpr int kEventsPerTurn = 256;

}  // namespace

class IoThread::Task final : public OutboxItem {
 public:
  Task(IoThread& thread, std::function<void()> work) : thread_(thread), work_(std::move(work)) {}
  void deliver() override {
    ++thread_.epoch_;
    work_();
    delete this;
  }

 private:
  IoThread& thread_;
  std::function<void()> work_;
};

IoThread::IoThread(int index, ServerState& server)
    : index_(index), server_(server), receive_buffer_(kReceiveBufferSize) {}

IoThread::~IoThread() {
  outbox_.deliver_all();
  for (StreamCall* call : free_calls_) delete call;
}

Status IoThread::start() {
  epoll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  wake_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_ || !wake_) {
    return unavailable(std::string("cannot start an I/O thread: ") + std::strerror(errno));
  }
  epoll_event event{};
  // Edge-triggered: each write wakes once, and the counter need not be read.
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  now_ = Clock::steady().now();
  thread_ = std::thread([this] { run(); });
  return {};
}

void IoThread::post(std::function<void()> task) { push(new Task(*this, std::move(task))); }

void IoThread::wake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

TimePoint IoThread::refresh_now() { return now_ = Clock::steady().now(); }

bool IoThread::watch(int descriptor, uint32_t events, EventSource& source) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void IoThread::rewatch(int descriptor, uint32_t events, EventSource& source) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void IoThread::unwatch(int descriptor) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void IoThread::run() {
  run_in_short_turns();
  while (!stopping_ || counters_.calls_running.value() > 0 || !connections_.empty()) {
    wait_for_events();
    timers_.fire(now_);
    end_turn();
  }
}

int IoThread::sleep_milliseconds() const {
  TimePoint next = timers_.next();
  if (next == kNever) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now_).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

void IoThread::wait_for_events() {
  std::array<epoll_event, kEventsPerTurn> events;
  int timeout = 0;
  if (dirty_.empty() && outbox_.prepare_sleep()) timeout = sleep_milliseconds();
  int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, timeout);
  outbox_.awake();
  refresh_now();
  for (int i = 0; i < count; ++i) {
    if (events[i].data.ptr == nullptr) continue;
    static_cast<EventSource*>(events[i].data.ptr)->on_events(events[i].events);
  }
}

void IoThread::end_turn() {
  for (Handler* handler : handlers_) handler->on_turn_end(index_);
  handlers_.clear();
  outbox_.deliver_all();
  flush_dirty();
  bury_dead();
}

void IoThread::mark_handler(Handler& handler) {
  if (!handlers_.empty() && handlers_.back() == &handler) return;
  if (std::find(handlers_.begin(), handlers_.end(), &handler) == handlers_.end()) {
    handlers_.push_back(&handler);
  }
}

void IoThread::flush_dirty() {
  flushing_.swap(dirty_);
  for (Connection* connection : flushing_) connection->flush();
  flushing_.clear();
}

void IoThread::bury_dead() {
  while (!dead_.empty()) {
    Connection* connection = dead_.back();
    dead_.pop_back();
    std::erase(dirty_, connection);
    std::erase(starved_, connection);
    std::erase(connections_, connection);
    delete connection;
    load_.fetch_sub(1, std::memory_order_relaxed);
    server_.connection_closed();
  }
}

void IoThread::mark_dirty(Connection& connection) { dirty_.push_back(&connection); }
void IoThread::mark_dead(Connection& connection) { dead_.push_back(&connection); }

void IoThread::mark_starved(Connection& connection) {
  starved_.push_back(&connection);
  server_.budget.wait(index_);
  // The budget may have fallen in between, and nobody would tell.
  bool act = connection.holds_partial() && server_.budget.stuck();
  if (act || !server_.budget.exhausted()) post([this] { retry_starved(); });
}

void IoThread::change_budget(HeldBytes delta) {
  if (delta == HeldBytes{}) return;
  uint64_t waiting = server_.budget.change(delta);
  for (size_t i = 0; waiting != 0; ++i, waiting >>= 1) {
    if ((waiting & 1) == 0) continue;
    IoThread& thread = *server_.threads[i];
    thread.post([&thread] { thread.retry_starved(); });
  }
}

void IoThread::retry_starved() {
  std::vector<Connection*> waiting;
  waiting.swap(starved_);
  for (Connection* connection : waiting) connection->retry();
}

void IoThread::adopt(std::unique_ptr<ByteStream> stream, std::string peer) {
  auto connection = std::make_unique<Connection>(*this, std::move(stream), std::move(peer));
  connections_.push_back(connection.get());
  connection.release()->start();
}

StreamCall& IoThread::acquire_call() {
  if (free_calls_.empty()) return *new StreamCall(*this);
  StreamCall* call = free_calls_.back();
  free_calls_.pop_back();
  return *call;
}

void IoThread::recycle(StreamCall& call) {
  call.clear();
  if (free_calls_.size() < kFreeCallsKept) {
    free_calls_.push_back(&call);
  } else {
    delete &call;
  }
}

void IoThread::drain() {
  for (Connection* connection : connections_) connection->drain();
}

void IoThread::stop() {
  stopping_ = true;
  cut();
}

void IoThread::cut() {
  for (Connection* connection : connections_) connection->cut();
}

}  // namespace skein::transport

#include "transport/server.h"

#include <latch>
#include <mutex>
#include <vector>

#include "transport/io_thread.h"
#include "transport/listener.h"

namespace skein::transport {
namespace {

constexpr int kMaxIoThreads = 64;  // a bit each in ByteBudget

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, Router& router) : state_(options, router) {}
  ~ServerImpl() override { stop(); }

  Status start();
  Result<int> listen_tcp(const std::string& host, int port) override;
  Status listen_unix(const std::string& path) override;
  void run_on_io_threads(const std::function<void(int io_thread)>& task) override;
  bool drain(Duration window) override;
  void stop() override;
  ServerStats stats() const override;

 private:
  void add_listener(FileDescriptor socket, const std::string& unix_path);
  void close_listeners();
  // Runs `task` on the first `count` I/O threads and waits for all of them.
  void run_on(size_t count, const std::function<void(IoThread&)>& task);

  ServerState state_;
  std::mutex control_;  // the members below, and that I/O threads run while tasks are posted
  std::vector<std::unique_ptr<Listener>> listeners_;  // used on I/O thread 0 only
  bool stopped_ = false;
  size_t started_ = 0;
};

Status ServerImpl::start() {
  for (int i = 0; i < state_.options.io_threads; ++i) {
    state_.threads.push_back(std::make_unique<IoThread>(i, state_));
  }
  for (auto& thread : state_.threads) {
    Status status = thread->start();
    if (!status.ok()) return status;
    ++started_;
  }
  return {};
}

void ServerImpl::run_on(size_t count, const std::function<void(IoThread&)>& task) {
  std::latch done(static_cast<ptrdiff_t>(count));
  for (size_t i = 0; i < count; ++i) {
    IoThread& thread = *state_.threads[i];
    thread.post([&task, &done, &thread] {
      task(thread);
      done.count_down();
    });
  }
  done.wait();
}

void ServerImpl::run_on_io_threads(const std::function<void(int)>& task) {
  std::lock_guard lock(control_);
  if (stopped_) return;
  run_on(started_, [&task](IoThread& thread) { task(thread.index()); });
}

void ServerImpl::add_listener(FileDescriptor socket, const std::string& unix_path) {
  run_on(1, [&](IoThread& thread) {
    listeners_.push_back(std::make_unique<Listener>(thread, std::move(socket), unix_path));
    listeners_.back()->start();
  });
}

void ServerImpl::close_listeners() {
  run_on(1, [this](IoThread&) { listeners_.clear(); });
}

Result<int> ServerImpl::listen_tcp(const std::string& host, int port) {
  auto socket = open_tcp(host, port);
  if (!socket.ok()) return socket.status();
  std::lock_guard lock(control_);
  if (stopped_) return unavailable("the server has been stopped");
  int bound = (*socket)->port;
  add_listener(std::move((*socket)->descriptor), {});
  return bound;
}

Status ServerImpl::listen_unix(const std::string& path) {
  auto socket = open_unix(path);
  if (!socket.ok()) return socket.status();
  std::lock_guard lock(control_);
  if (stopped_) return unavailable("the server has been stopped");
  add_listener(std::move(**socket), path);
  return {};
}

bool ServerImpl::drain(Duration window) {
  uint64_t cut_before = state_.calls_cut.load();
  {
    std::lock_guard lock(control_);
    if (stopped_) return true;
    close_listeners();
    run_on(started_, [](IoThread& thread) { thread.drain(); });
  }
  auto none_open = [this] { return state_.connections.load() == 0; };
  {
    std::unique_lock lock(state_.mutex);
    if (state_.none_open.wait_for(lock, window, none_open)) {
      return state_.calls_cut.load() == cut_before;
    }
  }
  std::lock_guard lock(control_);
  if (!stopped_) run_on(started_, [](IoThread& thread) { thread.cut(); });
  return state_.calls_cut.load() == cut_before;
}

void ServerImpl::stop() {
  std::lock_guard lock(control_);
  if (stopped_) return;
  stopped_ = true;
  if (started_ > 0) close_listeners();
  for (size_t i = 0; i < started_; ++i) {
    IoThread& thread = *state_.threads[i];
    thread.post([&thread] { thread.stop(); });
  }
  for (size_t i = 0; i < started_; ++i) state_.threads[i]->join();
}

ServerStats ServerImpl::stats() const {
  ServerStats stats;
  stats.connections = state_.connections.load();
  stats.connections_total = state_.connections_total.load();
  stats.connections_refused = state_.connections_refused.load();
  stats.inflight_bytes = state_.budget.held().total();
  for (const auto& thread : state_.threads) {
    const IoCounters& counters = thread->counters();
    stats.streams += counters.streams.value();
    stats.calls_running += counters.calls_running.value();
    stats.calls_total += static_cast<uint64_t>(counters.calls_total.value());
    stats.resets_received += static_cast<uint64_t>(counters.resets_received.value());
  }
  return stats;
}

Status check(const ServerOptions& options) {
  if (options.io_threads < 1 || options.io_threads > kMaxIoThreads) {
    return invalid_argument("io_threads is " + std::to_string(options.io_threads) +
                            "; expected 1 to " + std::to_string(kMaxIoThreads));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const ServerOptions& options, Router& router) {
  Status status = check(options);
  if (!status.ok()) return status;
  auto server = std::make_unique<ServerImpl>(options, router);
  status = server->start();
  if (!status.ok()) return status;
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace skein::transport

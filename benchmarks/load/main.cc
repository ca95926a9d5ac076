// loadgen: see help_text() for what it does. `python -m benchmarks.load` is the friendly front.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <latch>
#include <thread>

#include "base/thread_class.h"
#include "load/options.h"
#include "load/request.h"
#include "load/results.h"
#include "load/target.h"
#include "load/worker.h"

namespace skein::load {
namespace {

double cpu_seconds(clockid_t clock) {
  timespec time{};  // stays zero when the process is gone
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The CPU clock of another process: what clock_getcpuclockid() computes on Linux, with
// nanoseconds where /proc has ticks.
clockid_t cpu_clock_of(int pid) { return static_cast<clockid_t>((~pid << 3) | 2); }

struct Sample {
  TimePoint time;
  double client_cpu = 0;
  double server_cpu = 0;
};

Sample sample(const Options& options) {
  Sample now{std::chrono::steady_clock::now(), cpu_seconds(CLOCK_PROCESS_CPUTIME_ID), 0};
  if (options.server_pid != 0) now.server_cpu = cpu_seconds(cpu_clock_of(options.server_pid));
  return now;
}

Window between(const Sample& begin, const Sample& end) {
  Window window;
  window.seconds = Seconds(end.time - begin.time).count();
  window.client_cpu_seconds = end.client_cpu - begin.client_cpu;
  bool server_lives = end.server_cpu > 0;
  if (server_lives) window.server_cpu_seconds = end.server_cpu - begin.server_cpu;
  return window;
}

Result<std::vector<std::vector<int>>> connect_all(const Options& options) {
  std::vector<std::vector<int>> sockets(static_cast<size_t>(options.threads));
  for (int i = 0; i < options.connections; ++i) {
    Result<int> fd = connect_to(options.target);
    if (!fd.ok()) return fd.status();
    sockets[static_cast<size_t>(i % options.threads)].push_back(*fd);
  }
  return sockets;
}

Plan plan_of(const Options& options, TimePoint start, int thread) {
  constexpr Seconds kClosedLoop{5};
  auto whole = [](Seconds time) { return std::chrono::duration_cast<Duration>(time); };
  auto threads = static_cast<uint64_t>(options.threads);
  auto index = static_cast<uint64_t>(thread);
  Plan plan;
  plan.begin = start + whole(options.warmup);
  bool timed = options.requests == 0 && (options.duration || !options.open_loop());
  plan.end = timed ? plan.begin + whole(options.duration.value_or(kClosedLoop)) : kNever;
  plan.requests = options.requests / threads + (index < options.requests % threads ? 1 : 0);
  plan.start = start;
  plan.thread = index;
  return plan;
}

Result<Workload> read_workload(const Options& options) {
  Workload workload;
  Result<std::vector<Message>> messages = read_messages(options.bodies);
  if (!messages.ok()) return messages.status();
  workload.messages = std::move(*messages);
  if (!options.open_loop()) return workload;
  Result<std::vector<TraceRow>> trace = read_trace(options.trace, workload.messages.size());
  if (!trace.ok()) return trace.status();
  workload.trace = std::move(*trace);
  if (!options.record.empty()) workload.record = blank_record(workload.trace);
  return workload;
}

Result<std::string> run(const Options& options) {
  if (options.server_pid != 0 && clock_getres(cpu_clock_of(options.server_pid), nullptr) != 0) {
    return not_found("--server-pid " + std::to_string(options.server_pid) +
                     ": no such process on this machine");
  }
  Result<Workload> workload = read_workload(options);
  if (!workload.ok()) return workload.status();
  Result<std::vector<std::vector<int>>> sockets = connect_all(options);
  if (!sockets.ok()) return sockets.status();

  RequestHeaders headers(options);
  TimePoint start = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < options.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(options, plan_of(options, start, i), headers,
                                               *workload, (*sockets)[static_cast<size_t>(i)]));
  }
  std::latch measured(options.threads);
  std::vector<std::jthread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&] { worker->run([&] { measured.count_down(); }); });
  }
  std::this_thread::sleep_until(start + options.warmup);
  Sample begin = sample(options);
  measured.wait();
  Sample end = sample(options);
  threads.clear();

  Results total;
  for (auto& worker : workers) total.add(worker->results());
  if (!options.record.empty()) {
    Status status = write_record(options.record, workload->record);
    if (!status.ok()) return status;
  }
  return to_json(options, total, between(begin, end));
}

int fail(const Status& status) {
  std::fprintf(stderr, "loadgen: %s\n", status.message().c_str());
  return 2;
}

}  // namespace
}  // namespace skein::load

int main(int argc, char** argv) {
  using namespace skein::load;
  skein::run_in_short_turns();  // threads inherit it
  skein::Result<CommandLine> line = parse_command_line(argc, argv);
  if (!line.ok()) return fail(line.status());
  if (line->help) {
    std::fputs(help_text(), stdout);
    return 0;
  }
  skein::Result<std::string> json = run(line->options);
  if (!json.ok()) return fail(json.status());
  std::puts(json->c_str());
  return 0;
}

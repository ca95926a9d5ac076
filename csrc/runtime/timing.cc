#include "runtime/timing.h"

#include <thread>

namespace skein::runtime {
namespace {

struct Runs {
  std::vector<Duration> times;
  Status status;
};

Runs repeat(Executor& executor, const Batch& batch, TimePoint end) {
  Runs runs;
  bool done = false;
  while (!done) {
    executor.submit(batch, [&](BatchResult& result) {
      TimePoint now = Clock::steady().now();
      runs.status = result.status;
      runs.times.push_back(now - result.started);
      done = !result.status.ok() || now >= end;
    });
  }
  return runs;
}

}  // namespace

Result<std::vector<Duration>> time_runs(std::span<const std::unique_ptr<Executor>> executors,
                                        const Batch& batch, Duration window) {
  TimePoint end = Clock::steady().now() + window;
  std::vector<Runs> runs(executors.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < executors.size(); ++i) {
      threads.emplace_back([&, i] { runs[i] = repeat(*executors[i], batch, end); });
    }
  }
  std::vector<Duration> all;
  for (const Runs& each : runs) {
    if (!each.status.ok()) return each.status;
    all.insert(all.end(), each.times.begin(), each.times.end());
  }
  return all;
}

Result<std::vector<OutputTensor>> run_once(Executor& executor, const Batch& batch) {
  Status status;
  std::vector<OutputTensor> outputs;
  executor.submit(batch, [&](BatchResult& result) {
    status = result.status;
    outputs = std::move(result.outputs);
  });
  if (!status.ok()) return status;
  return outputs;
}

}  // namespace skein::runtime

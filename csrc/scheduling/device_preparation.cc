// What workers do besides running batches: making inputs before a request is queued, and rows of a
// batch that another worker prepares.
#include <utility>

#include "scheduling/device.h"
#include "scheduling/failure_reason.h"

namespace skein::scheduling {

bool Device::prepare_one(std::unique_lock<std::mutex>& lock) {
  Request* request = unprepared_.pop_front();
  if (request == nullptr) return false;
  ++busy_long_;
  bool notify = wants_worker(clock_.now()) && wake_worker();
  lock.unlock();
  if (notify) work_.notify_one();
  Queue& queue = *request->queue_;
  TimePoint started = clock_.now();
  telemetry::Refusal why{};
  bool lapsed = request->deadline <= started;
  Status status = lapsed ? queue.lapse_status(*request, started, why) : request->prepare();
  TimePoint now = clock_.now();
  lock.lock();
  --busy_long_;
  queue.served_ += static_cast<double>((now - started).count()) / queue.spec_.weight;
  if (status.ok() && !stopping_) {
    enter(*request, queue, now);
    return true;
  }
  lock.unlock();
  if (lapsed) {
    queue.stats_->refused(why, now - request->arrival);
  } else if (status.ok()) {
    status = unavailable("the server is shutting down");
  } else {
    queue.stats_->refused(failure_reason(status.code()), now - request->arrival);
  }
  complete_unrun(*request, std::move(status));
  lock.lock();
  return true;
}

void Device::share(size_t count, const std::function<void(size_t)>& task) {
  SharedWork::Job job(count, task);
  std::unique_lock lock(mutex_);
  shared_.open(job);
  size_t woken = 0;
  while (woken + 1 < count && wake_worker()) ++woken;
  lock.unlock();
  for (size_t i = 0; i < woken; ++i) work_.notify_one();
  while (job.step()) {
  }
  lock.lock();
  shared_.close(job, lock);  // tasks do not throw
}

bool Device::help(std::unique_lock<std::mutex>& lock) {
  ++busy_long_;
  bool helped = shared_.help(lock);
  --busy_long_;
  return helped;
}

}  // namespace skein::scheduling

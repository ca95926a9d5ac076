#include "scheduling/device.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "base/thread_class.h"

namespace skein::scheduling {
namespace {

// However short the running batches were predicted to be: who has waited this long beside an idle
// worker gets it.
constexpr Duration kPatience = std::chrono::milliseconds(1);

// How often an idle worker looks whether the running batches keep to that.
constexpr Duration kWatch = std::chrono::milliseconds(5);

}  // namespace

Device::Device(std::string name, int workers, const Clock& clock)
    : name_(std::move(name)), clock_(clock), workers_(std::max(1, workers)) {
  for (int i = 0; i < workers_; ++i) {
    threads_.emplace_back([this] { work(); });
    pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
  }
}

Device::~Device() { stop(); }

void Device::submit(std::span<const Submission> submissions) {
  bool notify = false;
  bool refuse = false;
  {
    std::lock_guard lock(mutex_);
    TimePoint now = clock_.now();
    refuse = stopping_;
    if (!refuse) {
      for (const Submission& s : submissions) {
        s.queue->push(*s.request, now);
        activate(*s.queue);
      }
      // One is enough: a worker that leaves a backlog behind wakes the next. Nobody is needed, but
      // nobody keeps watch either: wake one to do so.
      bool needed = std::ranges::any_of(
          submissions, [&](const Submission& s) { return needs_worker(*s.queue, now); });
      notify = (needed || watching_ == 0) && wake_worker();
    }
  }
  if (notify) work_.notify_one();
  if (!refuse) return;
  for (const Submission& s : submissions) {
    s.queue->give_back();
    s.request->fail(unavailable("the server is shutting down"));
  }
}

bool Device::withdraw(Request& request, telemetry::FailureReason why) {
  std::lock_guard lock(mutex_);
  if (!request.queued_) return false;
  Queue& queue = *request.queue_;
  queue.stats_.refused(why, clock_.now() - request.arrival);
  queue.remove(request);
  if (queue.empty()) drained_.notify_all();
  return true;
}

void Device::drain(Queue& queue) {
  std::unique_lock lock(mutex_);
  drained_.wait(lock, [&] {
    return queue.waiting_.load() == 0 && queue.free_.size() == queue.slots_.size();
  });
  std::erase(active_, &queue);
  queue.active_ = false;
}

void Device::stop() {
  RequestList refused;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    for (Queue* queue : active_) {
      while (!queue->empty()) {
        Request& request = *queue->head().requests.front();
        queue->remove(request);
        refused.push_back(request);
      }
    }
    active_.clear();
  }
  work_.notify_all();
  while (Request* request = refused.pop_front()) {
    request->fail(unavailable("the server is shutting down"));
  }
  for (std::thread& thread : threads_) thread.join();
  drained_.notify_all();
}

void Device::activate(Queue& queue) {
  if (queue.active_) return;
  queue.active_ = true;
  queue.served_ = std::max(queue.served_, served_floor_);
  active_.push_back(&queue);
}

// Another worker is worth waking when none is about to look at the queues anyway, when those
// that are cannot take the backlog in one batch each, or when they turned out slow.
bool Device::needs_worker(Queue& queue, TimePoint now) const {
  if (idle_ == 0 || queue.empty() || queue.free_.empty()) return false;
  int soon_free = workers_ - idle_ - busy_long_;
  if (soon_free <= 0) return true;
  int64_t one_batch = std::max<int64_t>(1, queue.spec_.batching.max_batch_size);
  return queue.waiting_.load(std::memory_order_relaxed) > one_batch * soon_free ||
         now - queue.head().oldest > kPatience;
}

bool Device::wake_worker() {
  if (idle_ == 0) return false;
  --idle_;
  ++tokens_;
  return true;
}

void Device::wait(std::unique_lock<std::mutex>& lock, TimePoint wake) {
  ++idle_;
  // Beside running batches somebody keeps watch: one of them may take longer than predicted.
  if (idle_ < workers_) wake = std::min(wake, clock_.now() + kWatch);
  bool watches = wake != kNever;
  if (watches) ++watching_;
  auto woken = [this] { return tokens_ > 0 || stopping_; };
  if (wake == kNever) {
    work_.wait(lock, woken);
  } else {
    work_.wait_until(lock, wake, woken);
  }
  if (watches) --watching_;
  if (tokens_ > 0) {
    --tokens_;  // whoever gave the token has already counted this worker as awake
  } else {
    --idle_;
  }
}

void Device::work() {
  run_in_short_turns();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    TimePoint now = clock_.now();
    TimePoint wake = kNever;
    Lease lease = pick(now, wake);
    if (lease.slot == nullptr) {
      wait(lock, wake);
      continue;
    }
    bool is_long = !lease.slot->predicted_short;
    if (is_long) ++busy_long_;
    bool notify = std::ranges::any_of(active_, [&](Queue* q) { return needs_worker(*q, now); }) &&
                  wake_worker();
    lock.unlock();
    if (notify) work_.notify_one();
    run(lease);
    lock.lock();
    if (is_long) --busy_long_;
  }
}

Device::Lease Device::pick(TimePoint now, TimePoint& wake) {
  std::erase_if(active_, [](Queue* queue) {
    queue->active_ = !queue->empty();
    return !queue->active_;
  });
  Queue* best = nullptr;
  size_t best_count = 0;
  for (Queue* queue : active_) {
    if (queue->free_.empty() || (best != nullptr && queue->served_ >= best->served_)) continue;
    Decision decision = queue->decide_head(now);
    if (decision.run == 0) {
      wake = std::min(wake, decision.wake);
      continue;
    }
    best = queue;
    best_count = decision.run;
  }
  Lease lease;
  if (best == nullptr) return lease;
  served_floor_ = std::max(served_floor_, best->served_);
  Slot* slot = best->free_.back();
  best->take(best_count, now, *slot, lease.expired);
  lease.queue = best;
  best->free_.pop_back();
  slot->predicted_short = best->predicted_short();
  lease.slot = slot;
  return lease;
}

void Device::run(Lease& lease) {
  Queue& queue = *lease.queue;
  while (Request* request = lease.expired.pop_front()) {
    queue.stats_.refused(telemetry::FailureReason::kRejected, clock_.now() - request->arrival);
    request->fail(
        {Code::kDeadlineExceeded,
         "the deadline passed while the request waited for model '" + queue.spec_.name + "'"});
  }
  Slot& slot = *lease.slot;
  if (slot.requests.empty()) return release(queue, slot);
  slot.batch.items.clear();
  slot.batch.rows = 0;
  slot.batch.wanted = 0;
  for (const Request* request : slot.requests) {
    slot.batch.items.push_back(request->item);
    slot.batch.rows += request->item.rows;
    slot.batch.wanted |= request->wanted_outputs;
  }
  if (!slot.done) {
    slot.done = [this, context = std::pair(&queue, &slot)](runtime::BatchResult& result) {
      complete(*context.first, *context.second, result);
    };
  }
  slot.executor->submit(slot.batch, slot.done);
}

// First all responses are encoded, then all are recorded and sent: the times are known before
// the first request may be gone, and the hand-offs come in one burst.
void Device::complete(Queue& queue, Slot& slot, runtime::BatchResult& result) {
  telemetry::Recorder& recorder = *slot.recorder;
  if (!result.status.ok()) {
    result.status = Status(result.status.code(),
                           "model " + quote(queue.spec_.name) + ": " + result.status.message());
  }
  std::vector<std::pair<Request*, Status>> failed;
  int64_t row = 0;
  for (Request*& request : slot.requests) {
    Status status = result.status.ok() ? request->encode(result, row) : result.status;
    row += request->item.rows;
    if (!status.ok()) failed.emplace_back(std::exchange(request, nullptr), std::move(status));
  }
  TimePoint now = clock_.now();
  Duration input = result.gathered - result.started;
  Duration infer = result.finished - result.gathered;
  Duration output = now - result.finished;
  for (auto& [request, status] : failed) {
    recorder.failure(status.code() == Code::kCancelled ? telemetry::FailureReason::kCanceled
                                                       : telemetry::FailureReason::kBackend,
                     now - request->arrival);
    request->fail(std::move(status));
  }
  if (result.status.ok()) {
    recorder.batch({.rows = slot.batch.rows,
                    .compute_input = input,
                    .compute_infer = infer,
                    .compute_output = output});
  }
  for (Request* request : slot.requests) {
    if (request == nullptr) continue;
    recorder.success({.request = now - request->arrival,
                      .queue = slot.formed - request->queued_at_,
                      .compute_input = input,
                      .compute_infer = infer,
                      .compute_output = output});
    request->answer();
  }
  result.outputs.clear();  // what no response holds is freed now, not at the next run
  slot.run = now - slot.formed;
  release(queue, slot);
}

// The last touch of queue and slot: whoever waits in drain() may destroy them.
void Device::release(Queue& queue, Slot& slot) {
  std::lock_guard lock(mutex_);
  if (!slot.requests.empty()) {
    queue.running_.fetch_sub(static_cast<int64_t>(slot.requests.size()), std::memory_order_relaxed);
    queue.record_run(slot.run);
    queue.served_ += slot.run;
  }
  queue.free_.push_back(&slot);
  if (queue.empty() && queue.free_.size() == queue.slots_.size()) drained_.notify_all();
}

}  // namespace skein::scheduling

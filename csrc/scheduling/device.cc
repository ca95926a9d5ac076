#include "scheduling/device.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/thread_class.h"

namespace skein::scheduling {
namespace {

// However short the running batches were predicted to be: who has waited this long beside an idle
// worker gets it.
constexpr Duration kPatience = std::chrono::milliseconds(1);

// In nanoseconds: so much less than the others a model may have had and still catch up. What it did
// not ask for longer ago is forgotten, or it could hold up the others for as long.
constexpr double kCredit = 100e6;

// How often an idle worker looks whether the running batches keep to that.
constexpr Duration kWatch = std::chrono::milliseconds(5);

// A worker prepares requests for so long before it looks for a batch again: long enough that these
// grow, and no batch is held up for longer.
constexpr Duration kPreparing = std::chrono::milliseconds(1);

}  // namespace

Device::Device(std::string name, const DeviceOptions& options, const Clock& clock)
    : name_(std::move(name)),
      clock_(clock),
      log_(options.log),
      crew_(options.crew != nullptr ? options.crew : this),
      inline_run_(options.inline_run),
      rotates_slots_(options.rotates_slots) {
  add_workers(std::max(1, options.workers));
}

void Device::add_workers(int workers) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  for (; workers_ < workers; ++workers_) {
    threads_.emplace_back([this] { work(); });
    pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
  }
}

Device::~Device() { stop(); }

void Device::submit(std::span<const Submission> submissions) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return refuse(submissions);
  }
  TimePoint now = clock_.now();
  for (const Submission& s : submissions) {
    s.queue->expect(*s.request, now);
    if (s.request->unprepared) {
      unprepared_.insert(*s.request);
    } else {
      enter(*s.request, *s.queue, now);
    }
  }
  for (const Submission& s : submissions) {
    if (runs_inline(*s.queue)) run_inline(lock, *s.queue);
  }
  // One is enough: a worker that leaves a backlog behind wakes the next.
  bool notify = wants_worker(now) && wake_worker();
  lock.unlock();
  if (notify) work_.notify_one();
}

void Device::enter(Request& request, Queue& queue, TimePoint now) {
  queue.push(request, now);
  activate(queue);
}

void Device::refuse(std::span<const Submission> submissions) {
  for (const Submission& s : submissions) {
    s.queue->give_back(s.request->level);
    s.request->fail(unavailable("the server is shutting down"));
  }
}

bool Device::runs_inline(const Queue& queue) const {
  if (inline_run_ == Duration(0) || queue.empty() || !queue.has_free_slot()) return false;
  if (queue.queued_slow_ > 0) return false;
  Duration high = queue.latency_.high(queue.queued_rows_);
  return high > Duration(0) && high <= inline_run_;
}

void Device::run_inline(std::unique_lock<std::mutex>& lock, Queue& queue) {
  TimePoint now = clock_.now();
  TimePoint end = now + 2 * inline_run_;  // others may keep the queue filled
  while (now < end && runs_inline(queue)) {
    Lease leased;
    Decision decision = queue.decide_head(now, leased.lapsed);
    if (decision.run > 0) {
      lease(queue, decision, now, leased);
      leased.slot->ran_inline = true;
    }
    lock.unlock();
    if (leased.slot != nullptr) run(*leased.queue, *leased.slot);
    fail_lapsed(leased.lapsed);
    lock.lock();
    if (decision.run == 0) break;
    now = clock_.now();
  }
  if (!queue.empty() || !queue.active_) return;
  queue.active_ = false;
  std::erase(active_, &queue);
}

bool Device::withdraw(Request& request, telemetry::FailureReason why) {
  std::lock_guard lock(mutex_);
  if (!request.queued_) return false;
  Queue& queue = *request.queue_;
  Waited waited(request, clock_.now());
  if (why == telemetry::FailureReason::kRejected) {
    queue.stats_->refused(telemetry::Refusal::kExpired, waited.actual);
    queue.learn(waited);
  } else {
    queue.stats_->refused(why, waited.actual);
  }
  queue.remove(request);
  if (queue.order_) queue.order_->skip(request);
  give_back(queue, request.level);
  return true;
}

// Under the mutex. Whoever waits in drain() may destroy the queue from here on.
void Device::give_back(Queue& queue, uint8_t level) {
  queue.give_back(level);
  if (queue.empty()) drained_.notify_all();
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
    while (Request* request = unprepared_.pop_front()) refused.push_back(*request);
  }
  work_.notify_all();
  while (Request* request = refused.pop_front()) {
    complete_unrun(*request, unavailable("the server is shutting down"));
  }
  for (std::thread& thread : threads_) thread.join();
  drained_.notify_all();
}

// Its place is given back last: until then drain() keeps the queue.
void Device::complete_unrun(Request& request, Status status) {
  Queue& queue = *request.queue_;
  uint8_t level = request.level;
  queue.complete(request, std::move(status));
  std::lock_guard lock(mutex_);
  give_back(queue, level);
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
  if (idle_ == 0 || queue.empty() || !queue.has_free_slot()) return false;
  int soon_free = workers_ - idle_ - busy_long_;
  if (soon_free <= 0) return true;
  int64_t one_batch = std::max<int64_t>(1, queue.spec_.batching.max_batch_size);
  return queue.queued_rows_ > one_batch * soon_free ||
         now - queue.head().requests.front()->queued_at_ > kPatience;
}

// Something can be run that nobody is about to run, or that nobody at all keeps watch over.
bool Device::wants_worker(TimePoint now) const {
  if (!unprepared_.empty() || shared_.wants_help()) return true;
  return std::ranges::any_of(active_, [&](Queue* queue) {
    bool waits = !queue->empty() && queue->has_free_slot();
    return (waits && watching_ == 0) || needs_worker(*queue, now);
  });
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
  TimePoint prepare_until{};
  bool may_prepare = true;  // for a while again
  while (!stopping_) {
    TimePoint now = clock_.now();
    if (std::exchange(may_prepare, false)) prepare_until = now + kPreparing;
    if (now < prepare_until && prepare_one(lock)) continue;
    TimePoint wake = kNever;
    Lease leased = pick(now, wake);
    if (leased.slot == nullptr && leased.lapsed.empty()) {
      if (prepare_one(lock) || help(lock)) continue;
      wait(lock, wake);
      may_prepare = true;
      continue;
    }
    bool is_long = leased.slot != nullptr && !leased.slot->predicted_short;
    if (is_long) ++busy_long_;
    bool notify = wants_worker(now) && wake_worker();
    lock.unlock();
    if (notify) work_.notify_one();
    if (leased.slot != nullptr) run(*leased.queue, *leased.slot);
    fail_lapsed(leased.lapsed);  // late anyway: those that can still be served go first
    lock.lock();
    if (is_long) --busy_long_;
    may_prepare = true;
  }
}

Device::Lease Device::pick(TimePoint now, TimePoint& wake) {
  std::erase_if(active_, [](Queue* queue) {
    queue->active_ = !queue->empty();
    return !queue->active_;
  });
  Lease leased;
  Queue* best = nullptr;
  Decision best_decision;
  for (Queue* queue : active_) {
    queue->served_ = std::max(queue->served_, served_floor_ - kCredit);
    if (!queue->has_free_slot() || (best != nullptr && queue->served_ >= best->served_)) continue;
    Decision decision = queue->decide_head(now, leased.lapsed);
    if (decision.run == 0) {
      wake = std::min(wake, decision.wake);
      continue;
    }
    best = queue;
    best_decision = decision;
  }
  if (best == nullptr) return leased;
  served_floor_ = std::max(served_floor_, best->served_);
  lease(*best, best_decision, now, leased);
  return leased;
}

void Device::lease(Queue& queue, const Decision& decision, TimePoint now, Lease& leased) {
  auto next = rotates_slots_ ? queue.free_.begin() : queue.free_.end() - 1;
  Slot* slot = *next;
  queue.free_.erase(next);
  queue.take(decision, now, *slot);
  slot->ran_inline = false;
  running_.emplace_back(&queue, slot);
  publish(queue);
  leased.queue = &queue;
  leased.slot = slot;
}

void Device::publish(Queue& queue) {
  double others = 0;  // weight of the models that want the device too
  for (Queue* each : active_) {
    if (each != &queue && !each->empty()) others += each->spec_.weight;
  }
  TimePoint own = kNever;
  TimePoint any = kNever;
  const Queue* last = nullptr;  // slots of one model mostly stand together
  for (auto [each, slot] : running_) {
    TimePoint end = slot->formed + slot->predicted;
    any = std::min(any, end);
    if (each == &queue) own = std::min(own, end);
    if (each != &queue && each != last && each->empty()) others += each->spec_.weight;
    last = each;
  }
  double weight = queue.spec_.weight;
  double share = static_cast<double>(workers_) * weight / (weight + others);
  queue.share_.store(std::min(share, static_cast<double>(queue.slots_.size())),
                     std::memory_order_relaxed);
  TimePoint slot_free = queue.has_free_slot() ? TimePoint{} : own;
  queue.busy_until_.store(slot_free.time_since_epoch().count(), std::memory_order_relaxed);
  bool busy = static_cast<int>(running_.size()) >= workers_;
  busy_until_.store(busy ? any.time_since_epoch().count() : 0, std::memory_order_relaxed);
}

void Device::fail_lapsed(RequestList& lapsed) {
  while (Request* request = lapsed.pop_front()) {
    TimePoint now = clock_.now();
    telemetry::Refusal why{};
    Status status = request->queue_->lapse_status(*request, now, why);
    request->queue_->stats_->refused(why, now - request->arrival);
    std::unique_lock lock(mutex_);
    request->queue_->learn(Waited(*request, now));
    lock.unlock();
    complete_unrun(*request, std::move(status));
  }
}

}  // namespace skein::scheduling

// What executes: a CPU (its cores) or one GPU. Owns the worker threads and picks among the queues
// attached to it; fairness between models lives here.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "scheduling/queue.h"
#include "scheduling/shared_work.h"

namespace skein::scheduling {

struct DeviceOptions {
  int workers = 1;  // threads; >= 1
  // Batches predicted to end within so long are run by the thread that submits; 0: none are.
  Duration inline_run{0};
  // Batches go to the slot that has been idle longest, so that each is warmed by as many runs in
  // turn and several GPUs share the work; else to the one whose memory is warm.
  bool rotates_slots = false;
  telemetry::RequestLog* log = nullptr;  // outlives the device; null: no requests are kept
  // Whose idle workers help to prepare rows; null: its own. It outlives the running batches.
  runtime::Crew* crew = nullptr;
};

class Device final : public runtime::Crew {
 public:
  // `name` is also that of its threads.
  Device(std::string name, const DeviceOptions& options, const Clock& clock);
  ~Device();  // stop()s
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // Makes them so many, if they are fewer.
  void add_workers(int workers);

  // Queues admitted requests, in list order, under one lock; wakes a worker if one is needed. Those
  // that are unprepared are queued by the worker that prepares them. Any thread, as long as it
  // keeps the queues from being destroyed: it may run batches of theirs.
  struct Submission {
    Request* request;
    Queue* queue;
  };
  void submit(std::span<const Submission> submissions);

  // Takes a request out of its queue again. True: it was still waiting and now belongs to the
  // caller, who completes it; it is counted as failed for the reason `why`. False: it is being
  // run, already completed, or not yet submitted.
  bool withdraw(Request& request, telemetry::FailureReason why);

  // Shares tasks with workers that are idle.
  void share(size_t count, const std::function<void(size_t)>& task) override;

  // Waits until `queue` holds no request, waiting or running. Nothing may be submitted to it
  // any more.
  void drain(Queue& queue);

  // Fails what still waits with UNAVAILABLE, waits for running batches, joins the workers.
  // Idempotent. The only place that joins threads.
  void stop();

  const std::string& name() const { return name_; }
  // When a worker is expected to be free; past: one is. Any thread.
  TimePoint free_at() const {
    return TimePoint(Duration(busy_until_.load(std::memory_order_relaxed)));
  }

 private:
  struct Lease {
    Queue* queue = nullptr;
    Slot* slot = nullptr;  // null: no batch
    RequestList lapsed;    // to be failed; of any queue
  };

  void work();
  // Prepares the most urgent request that needs it; false: there is none.
  bool prepare_one(std::unique_lock<std::mutex>& lock);
  // Does a row of a batch that another worker prepares; false: there is none.
  bool help(std::unique_lock<std::mutex>& lock);
  // Under the mutex: leases a slot with a batch, or says when to look again.
  Lease pick(TimePoint now, TimePoint& wake);
  void lease(Queue& queue, const Decision& decision, TimePoint now, Lease& lease);
  // Runs what waits in the queue, if that is quicker than waking a worker, for a bounded time.
  void run_inline(std::unique_lock<std::mutex>& lock, Queue& queue);
  bool runs_inline(const Queue& queue) const;
  // Tells admission how busy the queue's slots are.
  void publish(Queue& queue);
  void wait(std::unique_lock<std::mutex>& lock, TimePoint wake);
  bool needs_worker(Queue& queue, TimePoint now) const;
  bool wants_worker(TimePoint now) const;
  bool wake_worker();  // under the mutex; true: the caller notifies after unlocking
  void activate(Queue& queue);
  static void refuse(std::span<const Submission> submissions);
  void enter(Request& request, Queue& queue, TimePoint now);
  void give_back(Queue& queue, uint8_t level);
  void complete_unrun(Request& request, Status status);
  void fail_lapsed(RequestList& lapsed);
  void run(Queue& queue, Slot& slot);
  void complete(Queue& queue, Slot& slot, runtime::BatchResult& result);
  void release(Queue& queue, Slot& slot);

  const std::string name_;
  const Clock& clock_;
  telemetry::RequestLog* const log_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable drained_;
  std::vector<Queue*> active_;  // queues with waiting requests
  std::vector<std::pair<Queue*, Slot*>> running_;
  RequestList unprepared_;
  SharedWork shared_;
  runtime::Crew* crew_;
  int workers_ = 0;
  Duration inline_run_{0};
  bool rotates_slots_ = false;
  int idle_ = 0;             // waiting workers that nobody has woken yet
  int watching_ = 0;         // waiting workers that will look again by themselves
  int tokens_ = 0;           // woken, not yet running
  int busy_long_ = 0;        // workers inside a batch that is not predicted short
  double served_floor_ = 0;  // a newly active queue starts level with the others
  bool stopping_ = false;
  std::atomic<int64_t> busy_until_{0};  // nanoseconds of the steady clock
  std::vector<std::thread> threads_;
};

}  // namespace skein::scheduling

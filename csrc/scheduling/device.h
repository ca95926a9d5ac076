// What executes: a CPU (its cores) or one GPU. Owns the worker threads and picks among the queues
// attached to it; fairness between models lives here.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "scheduling/queue.h"

namespace skein::scheduling {

class Device {
 public:
  // Starts `workers` threads (>= 1), named after the device.
  Device(std::string name, int workers, const Clock& clock);
  ~Device();  // stop()s
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // Queues admitted requests, in list order, under one lock; wakes a worker if one is needed.
  // Any thread.
  struct Submission {
    Request* request;
    Queue* queue;
  };
  void submit(std::span<const Submission> submissions);

  // Takes a request out of its queue again. True: it was still waiting and now belongs to the
  // caller, who completes it; it is counted as failed for the reason `why`. False: it is being
  // run or already completed.
  bool withdraw(Request& request, telemetry::FailureReason why);

  // Waits until `queue` holds no request, waiting or running. Nothing may be submitted to it
  // any more.
  void drain(Queue& queue);

  // Fails what still waits with UNAVAILABLE, waits for running batches, joins the workers.
  // Idempotent. The only place that joins threads.
  void stop();

  const std::string& name() const { return name_; }

 private:
  struct Lease {
    Queue* queue = nullptr;
    Slot* slot = nullptr;  // null: nothing to do
    RequestList expired;   // to be failed; the slot's batch may then be empty
  };

  void work();
  // Under the mutex: leases a slot with a batch, or says when to look again.
  Lease pick(TimePoint now, TimePoint& wake);
  void wait(std::unique_lock<std::mutex>& lock, TimePoint wake);
  bool needs_worker(Queue& queue, TimePoint now) const;
  bool wake_worker();  // under the mutex; true: the caller notifies after unlocking
  void activate(Queue& queue);
  void run(Lease& lease);
  void complete(Queue& queue, Slot& slot, runtime::BatchResult& result);
  void release(Queue& queue, Slot& slot);

  const std::string name_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable drained_;
  std::vector<Queue*> active_;  // queues with waiting requests
  int workers_ = 0;
  int idle_ = 0;              // waiting workers that nobody has woken yet
  int watching_ = 0;          // waiting workers that will look again by themselves
  int tokens_ = 0;            // woken, not yet running
  int busy_long_ = 0;         // workers inside a batch that is not predicted short
  Duration served_floor_{0};  // a newly active queue starts level with the others
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace skein::scheduling

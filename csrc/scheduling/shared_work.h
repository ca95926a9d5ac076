// Tasks of one thread that idle ones help with: rows of a batch that are slow to prepare.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace skein::scheduling {

class SharedWork {
 public:
  // Some tasks. Whoever takes part does one after the other until none is left.
  class Job {
   public:
    Job(size_t count, const std::function<void(size_t)>& task) : count_(count), task_(task) {}
    bool open() const { return next_.load(std::memory_order_relaxed) < count_; }
    // Does one task. False: none was left.
    bool step() {
      size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return false;
      task_(index);
      return true;
    }

   private:
    friend class SharedWork;
    const size_t count_;
    const std::function<void(size_t)>& task_;
    std::atomic<size_t> next_{0};
    int helpers_ = 0;
  };

  // --- All of these under one mutex of the user's, `lock` on it where it is given. ---
  void open(Job& job) { jobs_.push_back(&job); }
  bool wants_help() const;
  // Helps with one task of some job, without the lock; false: there was none, and the lock was
  // held.
  bool help(std::unique_lock<std::mutex>& lock);
  // Waits for those who still help. The job may go then.
  void close(Job& job, std::unique_lock<std::mutex>& lock);

 private:
  std::vector<Job*> jobs_;
  std::condition_variable left_;
};

}  // namespace skein::scheduling

#include "scheduling/shared_work.h"

#include <algorithm>

namespace skein::scheduling {

bool SharedWork::wants_help() const { return std::ranges::any_of(jobs_, &Job::open); }

bool SharedWork::help(std::unique_lock<std::mutex>& lock) {
  auto found = std::ranges::find_if(jobs_, &Job::open);
  if (found == jobs_.end()) return false;
  Job& job = **found;
  ++job.helpers_;
  lock.unlock();
  job.step();
  lock.lock();
  if (--job.helpers_ == 0) left_.notify_all();
  return true;  // also if others were quicker: the lock was released
}

void SharedWork::close(Job& job, std::unique_lock<std::mutex>& lock) {
  std::erase(jobs_, &job);
  left_.wait(lock, [&] { return job.helpers_ == 0; });
}

}  // namespace skein::scheduling

#include "runtime/slot_thread.h"

namespace skein::runtime {

SlotThread::SlotThread() : thread_([this] { work(); }) {}

SlotThread::~SlotThread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SlotThread::run(const std::function<void()>& function) {
  std::unique_lock lock(mutex_);
  function_ = &function;
  changed_.notify_all();
  changed_.wait(lock, [this] { return function_ == nullptr; });
}

void SlotThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || function_ != nullptr; });
    if (stopping_) return;
    lock.unlock();
    (*function_)();
    lock.lock();
    function_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace skein::runtime

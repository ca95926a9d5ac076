// A thread that a slot's runs all happen on. ONNX Runtime keeps captured CUDA graphs by thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace skein::runtime {

class SlotThread {
 public:
  SlotThread();
  ~SlotThread();
  SlotThread(const SlotThread&) = delete;
  SlotThread& operator=(const SlotThread&) = delete;

  // Calls the function there and waits until it returned. One caller at a time.
  void run(const std::function<void()>& function);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* function_ = nullptr;  // to be run
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace skein::runtime

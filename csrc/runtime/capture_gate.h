// Keeps device calls apart from the capture of a CUDA graph: while a thread captures, an allocation
// by any other thread of the process breaks both. No thread enters twice: it could wait for itself.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace skein::runtime {

class CaptureGate {
 public:
  // The process's one.
  static CaptureGate& instance();

  // To run, to open or end a session, to take or free memory.
  std::shared_lock<std::shared_mutex> run() {
    std::lock_guard turn(turnstile_);
    return std::shared_lock(gate_);
  }
  std::unique_lock<std::shared_mutex> capture() {
    std::lock_guard turn(turnstile_);  // later runs wait, so that a capture gets its turn
    return std::unique_lock(gate_);
  }

 private:
  std::mutex turnstile_;
  std::shared_mutex gate_;
};

}  // namespace skein::runtime

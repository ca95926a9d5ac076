// gRPC methods served by Python: bytes in, bytes out, on a small pool of threads of their own, so
// that no I/O thread ever waits for the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "transport/call.h"

namespace skein::bindings {

class PythonMethods final : public transport::Handler {
 public:
  // `methods`: path -> callable(bytes) -> bytes. The GIL is held. Starts `threads` threads.
  PythonMethods(std::map<std::string, pybind11::function> methods, int threads);
  ~PythonMethods() override;  // the GIL is held; stop()s

  void on_call(transport::Call& call) override;

  // Refuses what waits and whatever comes later, ends the threads. The GIL is NOT held.
  void stop();

 private:
  void work();
  void serve(transport::Call& call);

  std::map<std::string, pybind11::function, std::less<>> methods_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<transport::Call*> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace skein::bindings

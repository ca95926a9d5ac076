// GPUs made of ordinary memory, over tests/native/fake_cudart.cc. Tests only.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "runtime/cuda_memory.h"

namespace skein::runtime {

// The stand-in for libcudart, its counts and its faults; each starts afresh.
class FakeCuda {
 public:
  FakeCuda() { function<void()>("fake_cudart_reset")(); }

  static std::shared_ptr<const CudaRuntime> open() {
    std::array<std::string, 1> names{SKEIN_TEST_CUDART};
    return CudaRuntime::open(names).value();
  }
  int calls(const std::string& name) const {
    return function<int(const char*)>("fake_cudart_calls")(name.c_str());
  }
  void fail(const char* name, int error, bool sticky = false) const {
    function<void(const char*, int, bool)>("fake_cudart_fail")(name, error, sticky);
  }

 private:
  template <class Function>
  static Function* function(const char* name) {
    static void* library = dlopen(SKEIN_TEST_CUDART, RTLD_NOW);
    return reinterpret_cast<Function*>(dlsym(library, name));
  }
};

// Its "device" memory is the process's own, so the CPU provider can run on it.
class FakeGpu final : public CudaMemory {
 public:
  explicit FakeGpu(int device_id) : CudaMemory(FakeCuda::open(), device_id) {}
  const char* ort_name() const override { return "Cpu"; }
  int device_id() const override { return 0; }  // of the CPU
};

inline std::shared_ptr<const Stream> fake_stream(int device_id = 0) {
  return Stream::create(std::make_shared<FakeGpu>(device_id)).value();
}

}  // namespace skein::runtime

// The CUDA runtime, opened at run time: a build needs no CUDA, and a machine without a GPU no
// library.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"

namespace skein::runtime {

// The functions that are used, by CUDA's names without the prefix; 0 is success.
struct CudaRuntime {
  using Error = int;
  static constexpr Error kOutOfMemory = 2;
  static constexpr int kHostToDevice = 1;
  static constexpr int kDeviceToHost = 2;
  static constexpr unsigned kNonBlocking = 1;  // does not wait for the default stream

  // The first of `names` that is loaded already or can be; FAILED_PRECONDITION when none can, or
  // it lacks a function.
  static Result<std::shared_ptr<const CudaRuntime>> open(std::span<const std::string> names);

  Error (*SetDevice)(int device) = nullptr;
  Error (*GetDeviceCount)(int* count) = nullptr;
  Error (*MallocHost)(void** data, size_t size) = nullptr;
  Error (*FreeHost)(void* data) = nullptr;
  Error (*Malloc)(void** data, size_t size) = nullptr;
  Error (*Free)(void* data) = nullptr;
  Error (*StreamCreateWithFlags)(void** stream, unsigned flags) = nullptr;
  Error (*StreamDestroy)(void* stream) = nullptr;
  Error (*MemcpyAsync)(void* to, const void* from, size_t size, int kind, void* stream) = nullptr;
  Error (*StreamSynchronize)(void* stream) = nullptr;
  Error (*GetLastError)() = nullptr;  // also forgets it
  const char* (*GetErrorString)(Error error) = nullptr;
};

}  // namespace skein::runtime

#include "runtime/cuda_runtime.h"

#include <dlfcn.h>

namespace skein::runtime {
namespace {

// Libraries stay loaded for the rest of the process, as the providers that share them do.
void* open_library(std::span<const std::string> names) {
  for (const std::string& name : names) {
    if (void* loaded = dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD)) return loaded;
  }
  for (const std::string& name : names) {
    if (void* loaded = dlopen(name.c_str(), RTLD_NOW)) return loaded;
  }
  return nullptr;
}

// Fills `function` from the library; remembers the first name that it lacks.
struct Lookup {
  void* library;
  std::string missing{};

  template <class Function>
  void operator()(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr && missing.empty()) missing = name;
  }
};

}  // namespace

Result<std::shared_ptr<const CudaRuntime>> CudaRuntime::open(std::span<const std::string> names) {
  Lookup find{open_library(names)};
  if (find.library == nullptr) {
    return failed_precondition("the CUDA runtime (" + names.front() +
                               ") is not there: pip install "
                               "'skein-server[gpu]'");
  }
  auto cuda = std::make_shared<CudaRuntime>();
  find(cuda->SetDevice, "cudaSetDevice");
  find(cuda->GetDeviceCount, "cudaGetDeviceCount");
  find(cuda->MallocHost, "cudaMallocHost");
  find(cuda->FreeHost, "cudaFreeHost");
  find(cuda->Malloc, "cudaMalloc");
  find(cuda->Free, "cudaFree");
  find(cuda->StreamCreateWithFlags, "cudaStreamCreateWithFlags");
  find(cuda->StreamDestroy, "cudaStreamDestroy");
  find(cuda->MemcpyAsync, "cudaMemcpyAsync");
  find(cuda->StreamSynchronize, "cudaStreamSynchronize");
  find(cuda->GetLastError, "cudaGetLastError");
  find(cuda->GetErrorString, "cudaGetErrorString");
  if (find.missing.empty()) return std::shared_ptr<const CudaRuntime>(cuda);
  return failed_precondition("the CUDA runtime has no function " + find.missing);
}

}  // namespace skein::runtime

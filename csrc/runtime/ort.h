// The C API of the loaded library, and owners for its handles. Included only inside runtime/.
#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>

#include "base/status.h"

namespace skein::runtime {

// The API table; valid once OnnxRuntime::open() succeeded, for the rest of the process.
const OrtApi& ort();
// Called once, by OnnxRuntime::open().
void set_ort(const OrtApi* api);

struct Release {
  void operator()(OrtSession* handle) const { ort().ReleaseSession(handle); }
  void operator()(OrtSessionOptions* handle) const { ort().ReleaseSessionOptions(handle); }
  void operator()(OrtRunOptions* handle) const { ort().ReleaseRunOptions(handle); }
  void operator()(OrtStatus* handle) const { ort().ReleaseStatus(handle); }
  void operator()(OrtTypeInfo* handle) const { ort().ReleaseTypeInfo(handle); }
  void operator()(OrtTensorTypeAndShapeInfo* handle) const {
    ort().ReleaseTensorTypeAndShapeInfo(handle);
  }
  void operator()(OrtValue* handle) const { ort().ReleaseValue(handle); }
  void operator()(OrtMemoryInfo* handle) const { ort().ReleaseMemoryInfo(handle); }
  void operator()(OrtIoBinding* handle) const { ort().ReleaseIoBinding(handle); }
  void operator()(OrtCUDAProviderOptionsV2* handle) const {
    ort().ReleaseCUDAProviderOptions(handle);
  }
  void operator()(OrtTensorRTProviderOptionsV2* handle) const {
    ort().ReleaseTensorRTProviderOptions(handle);
  }
};

template <class T>
using Handle = std::unique_ptr<T, Release>;

// ONNX Runtime's answer as ours: its error codes mapped, its message kept. Takes `status` over.
Status take(OrtStatus* status);

// The process-wide CPU allocator; never freed.
OrtAllocator* default_allocator();

}  // namespace skein::runtime

// Memory of one NVIDIA GPU.
#pragma once

#include <memory>

#include "runtime/cuda_runtime.h"
#include "runtime/device_memory.h"

namespace skein::runtime {

class CudaMemory : public DeviceMemory {
 public:
  // FAILED_PRECONDITION: CUDA shows no such device.
  static Status check(const CudaRuntime& cuda, int device_id);

  CudaMemory(std::shared_ptr<const CudaRuntime> cuda, int device_id)
      : cuda_(std::move(cuda)), device_id_(device_id) {}

  std::string name() const override { return "GPU " + std::to_string(device_id_); }
  const char* ort_name() const override { return "Cuda"; }
  int device_id() const override { return device_id_; }
  Status use() override;
  Result<std::byte*> allocate(size_t size) override;
  void release(std::byte* data) override;
  Result<std::byte*> allocate_pinned(size_t size) override;
  void release_pinned(std::byte* data) override;
  Result<void*> create_stream() override;
  void destroy_stream(void* stream) override;
  Status copy_to_device(std::byte* to, const std::byte* pinned, size_t size, void* stream) override;
  Status copy_to_host(std::byte* pinned, const std::byte* from, size_t size, void* stream) override;
  Status wait(void* stream) override;

 private:
  Status take(CudaRuntime::Error error, const std::string& doing) const;

  std::shared_ptr<const CudaRuntime> cuda_;
  int device_id_;
};

// The GPU of that number, through the CUDA runtime that the providers use.
Result<std::shared_ptr<DeviceMemory>> cuda_memory(int device_id);

}  // namespace skein::runtime

#include "runtime/cuda_memory.h"

#include <array>

namespace skein::runtime {
namespace {

// Of the versions that ONNX Runtime's wheels are built for; the one that is loaded wins.
const std::array<std::string, 2> kLibraries{"libcudart.so.13", "libcudart.so.12"};

std::string bytes(size_t size) { return std::to_string(size) + " bytes"; }

}  // namespace

Status CudaMemory::check(const CudaRuntime& cuda, int device_id) {
  int count = 0;
  CudaRuntime::Error error = cuda.GetDeviceCount(&count);
  if (error != 0) {
    cuda.GetLastError();
    return failed_precondition(
        std::string("no GPU can be used (is the NVIDIA driver installed?): ") +
        cuda.GetErrorString(error));
  }
  if (device_id >= 0 && device_id < count) return {};
  return failed_precondition("there is no GPU " + std::to_string(device_id) +
                             ": this process sees " + std::to_string(count));
}

Status CudaMemory::take(CudaRuntime::Error error, const std::string& doing) const {
  if (error == 0) return {};
  cuda_->GetLastError();  // or the next call, of whoever, is told of this one
  if (error == CudaRuntime::kOutOfMemory) {
    return resource_exhausted(name() + " is out of memory: " + doing);
  }
  return internal(name() + " failed " + doing + ": " + cuda_->GetErrorString(error));
}

Status CudaMemory::use() { return take(cuda_->SetDevice(device_id_), "to be chosen"); }

Result<std::byte*> CudaMemory::allocate(size_t size) {
  void* data = nullptr;
  Status status = take(cuda_->Malloc(&data, size), "to allocate " + bytes(size));
  if (!status.ok()) return status;
  return static_cast<std::byte*>(data);
}

void CudaMemory::release(std::byte* data) { cuda_->Free(data); }

Result<std::byte*> CudaMemory::allocate_pinned(size_t size) {
  void* data = nullptr;
  Status status =
      take(cuda_->MallocHost(&data, size), "to allocate " + bytes(size) + " of pinned host memory");
  if (!status.ok()) return status;
  return static_cast<std::byte*>(data);
}

void CudaMemory::release_pinned(std::byte* data) { cuda_->FreeHost(data); }

Result<void*> CudaMemory::create_stream() {
  void* stream = nullptr;
  Status status =
      take(cuda_->StreamCreateWithFlags(&stream, CudaRuntime::kNonBlocking), "to create a stream");
  if (!status.ok()) return status;
  return stream;
}

void CudaMemory::destroy_stream(void* stream) { cuda_->StreamDestroy(stream); }

Status CudaMemory::copy_to_device(std::byte* to, const std::byte* pinned, size_t size,
                                  void* stream) {
  return take(cuda_->MemcpyAsync(to, pinned, size, CudaRuntime::kHostToDevice, stream),
              "to take an input of " + bytes(size));
}

Status CudaMemory::copy_to_host(std::byte* pinned, const std::byte* from, size_t size,
                                void* stream) {
  return take(cuda_->MemcpyAsync(pinned, from, size, CudaRuntime::kDeviceToHost, stream),
              "to hand out an output of " + bytes(size));
}

Status CudaMemory::wait(void* stream) {
  return take(cuda_->StreamSynchronize(stream), "during a run");
}

Result<std::shared_ptr<DeviceMemory>> cuda_memory(int device_id) {
  static const Result<std::shared_ptr<const CudaRuntime>> cuda = CudaRuntime::open(kLibraries);
  if (!cuda.ok()) return cuda.status();
  if (Status status = CudaMemory::check(*cuda.value(), device_id); !status.ok()) return status;
  return std::shared_ptr<DeviceMemory>(std::make_shared<CudaMemory>(cuda.value(), device_id));
}

}  // namespace skein::runtime

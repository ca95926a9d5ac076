// Memory of one accelerator: what a slot stages its tensors in, and the stream that moves them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/status.h"

namespace skein::runtime {

// Statuses name the device; RESOURCE_EXHAUSTED: out of memory, INTERNAL: the device failed. Any
// thread, but use() first: the other calls are about the device of the calling thread.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  virtual std::string name() const = 0;  // "GPU 0"
  // The memory in ONNX Runtime's words: "Cuda" and the number of the device.
  virtual const char* ort_name() const = 0;
  virtual int device_id() const = 0;

  // Makes it the calling thread's device.
  virtual Status use() = 0;

  virtual Result<std::byte*> allocate(size_t size) = 0;
  virtual void release(std::byte* data) = 0;
  // Host memory that the device reads and writes by itself.
  virtual Result<std::byte*> allocate_pinned(size_t size) = 0;
  virtual void release_pinned(std::byte* data) = 0;

  // A stream runs what it is given in order, beside other streams. A handle of the device's API.
  virtual Result<void*> create_stream() = 0;
  virtual void destroy_stream(void* stream) = 0;

  // Return before the copy is done; both sides stay as they are until wait().
  virtual Status copy_to_device(std::byte* to, const std::byte* pinned, size_t size,
                                void* stream) = 0;
  virtual Status copy_to_host(std::byte* pinned, const std::byte* from, size_t size,
                              void* stream) = 0;
  // Until the stream has done all it was given; tells what failed on the way.
  virtual Status wait(void* stream) = 0;
};

// Owns a stream.
class Stream {
 public:
  static Result<std::shared_ptr<Stream>> create(std::shared_ptr<DeviceMemory> memory) {
    if (Status status = memory->use(); !status.ok()) return status;
    Result<void*> handle = memory->create_stream();
    if (!handle.ok()) return handle.status();
    return std::make_shared<Stream>(std::move(memory), *handle);
  }
  Stream(std::shared_ptr<DeviceMemory> memory, void* handle)
      : memory_(std::move(memory)), handle_(handle) {}
  ~Stream() {
    static_cast<void>(memory_->use());  // of a lost device there is nothing to destroy
    memory_->destroy_stream(handle_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  DeviceMemory& memory() const { return *memory_; }
  void* handle() const { return handle_; }
  Status wait() const { return memory_->wait(handle_); }

 private:
  std::shared_ptr<DeviceMemory> memory_;
  void* handle_;
};

}  // namespace skein::runtime

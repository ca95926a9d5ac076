// One tensor of a slot on its device, and the pinned host memory through which it comes and goes.
#pragma once

#include <memory>

#include "base/tensor.h"
#include "runtime/device_memory.h"
#include "runtime/ort.h"

namespace skein::runtime {

class DeviceTensor {
 public:
  explicit DeviceTensor(std::shared_ptr<const Stream> stream) : stream_(std::move(stream)) {}
  DeviceTensor(DeviceTensor&& other) noexcept;
  ~DeviceTensor() { release(); }
  DeviceTensor& operator=(const DeviceTensor&) = delete;

  // Room for so many bytes. Keeps its place unless it grows; what it held is lost then.
  Status reserve(size_t size);

  std::byte* pinned() const { return pinned_; }
  // Copies the first bytes on the stream: to the device, or back.
  Status send(size_t size) const;
  Status fetch(size_t size) const;

  // A tensor that sees the first `size` bytes on the device.
  Result<Handle<OrtValue>> value(const OrtMemoryInfo* memory, size_t size, DType dtype,
                                 const Shape& shape) const;

 private:
  void release();

  std::shared_ptr<const Stream> stream_;
  std::byte* pinned_ = nullptr;
  std::byte* device_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace skein::runtime

#include "runtime/device_tensor.h"

#include <algorithm>
#include <utility>

#include "runtime/ort_tensor.h"

namespace skein::runtime {

DeviceTensor::DeviceTensor(DeviceTensor&& other) noexcept
    : stream_(other.stream_),
      pinned_(std::exchange(other.pinned_, nullptr)),
      device_(std::exchange(other.device_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

void DeviceTensor::release() {
  if (pinned_ == nullptr && device_ == nullptr) return;
  DeviceMemory& memory = stream_->memory();
  static_cast<void>(memory.use());  // of a lost device there is nothing to free
  if (pinned_ != nullptr) memory.release_pinned(std::exchange(pinned_, nullptr));
  if (device_ != nullptr) memory.release(std::exchange(device_, nullptr));
  capacity_ = 0;
}

Status DeviceTensor::reserve(size_t size) {
  if (capacity_ > 0 && size <= capacity_) return {};
  size_t grown = std::max<size_t>({size, 2 * capacity_, 64});
  release();
  Result<std::byte*> pinned = stream_->memory().allocate_pinned(grown);
  if (!pinned.ok()) return pinned.status();
  pinned_ = *pinned;
  Result<std::byte*> device = stream_->memory().allocate(grown);
  if (!device.ok()) return device.status();
  device_ = *device;
  capacity_ = grown;
  return {};
}

Status DeviceTensor::send(size_t size) const {
  if (size == 0) return {};
  return stream_->memory().copy_to_device(device_, pinned_, size, stream_->handle());
}

Status DeviceTensor::fetch(size_t size) const {
  if (size == 0) return {};
  return stream_->memory().copy_to_host(pinned_, device_, size, stream_->handle());
}

Result<Handle<OrtValue>> DeviceTensor::value(const OrtMemoryInfo* memory, size_t size, DType dtype,
                                             const Shape& shape) const {
  return wrap_tensor(memory, device_, size, dtype, shape);
}

}  // namespace skein::runtime

// Reference-counted bytes. A message is received into one Buffer; views into it are Slices that
// keep it alive, so a view may outlive the call that brought it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// Intrusive reference to a T with retain() and release().
template <class T>
class Ref {
 public:
  Ref() = default;
  // Takes over one reference that the caller holds.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) object_->retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->release();
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

// Bytes with an owner. Written only by its creator before it is shared; immutable after.
// Subclasses may own foreign memory (an ONNX Runtime output tensor, say).
class Buffer {
 public:
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Uninitialised heap bytes, 64-byte aligned. Throws std::bad_alloc.
  static Ref<Buffer> allocate(size_t size);

  std::byte* data() const { return data_; }
  size_t size() const { return size_; }

  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

 protected:
  Buffer(std::byte* data, size_t size) : data_(data), size_(size) {}
  virtual ~Buffer() = default;
  // Frees this object; the default is `delete this`.
  virtual void destroy() { delete this; }

 private:
  std::byte* data_;
  size_t size_;
  std::atomic<uint32_t> references_{1};
};

// Some bytes of a Buffer, kept alive by it.
struct Slice {
  Ref<Buffer> owner;
  const std::byte* data = nullptr;
  size_t size = 0;

  std::span<const std::byte> bytes() const { return {data, size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data), size}; }
};

inline Slice whole(Ref<Buffer> buffer) {
  const std::byte* data = buffer->data();
  size_t size = buffer->size();
  return {std::move(buffer), data, size};
}
Slice copy_of(std::string_view text);

// A message to send: slices in wire order. Small messages are one slice; large tensors are
// slices of the runtime's own output buffers, never copied.
class Body {
 public:
  void append(Slice slice) {
    size_ += slice.size;
    if (count_ == 0) {
      first_ = std::move(slice);
    } else {
      rest_.push_back(std::move(slice));
    }
    ++count_;
  }
  size_t size() const { return size_; }
  size_t slice_count() const { return count_; }
  const Slice& slice(size_t index) const { return index == 0 ? first_ : rest_[index - 1]; }

 private:
  Slice first_;  // the common case needs no vector
  std::vector<Slice> rest_;
  size_t count_ = 0;
  size_t size_ = 0;
};

}  // namespace skein

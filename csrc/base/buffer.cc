#include "base/buffer.h"

#include <new>

#include "base/small_blocks.h"

namespace skein {
namespace {

constexpr size_t kAlignment = 64;

// Header and payload in one allocation; the payload starts at the next 64-byte boundary.
class HeapBuffer final : public Buffer {
 public:
  static HeapBuffer* create(size_t size) {
    void* memory = kHeader + size <= kSmallBlockSize
                       ? take_small_block()
                       : ::operator new (kHeader + size, std::align_val_t{kAlignment});
    return new (memory) HeapBuffer(static_cast<std::byte*>(memory) + kHeader, size);
  }

 private:
  static constexpr size_t kHeader = kAlignment;
  HeapBuffer(std::byte* data, size_t size) : Buffer(data, size) {
    static_assert(sizeof(HeapBuffer) <= kHeader);
  }
  void destroy() override {
    bool small = kHeader + size() <= kSmallBlockSize;
    this->~HeapBuffer();
    if (small) return give_small_block(this);
    ::operator delete (static_cast<void*>(this), std::align_val_t{kAlignment});
  }
};

}  // namespace

Ref<Buffer> Buffer::allocate(size_t size) { return Ref<Buffer>::adopt(HeapBuffer::create(size)); }

Slice copy_of(std::string_view text) {
  Ref<Buffer> buffer = Buffer::allocate(text.size());
  if (!text.empty()) std::memcpy(buffer->data(), text.data(), text.size());
  return whole(std::move(buffer));
}

}  // namespace skein

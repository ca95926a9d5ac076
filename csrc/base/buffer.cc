#include "base/buffer.h"

#include <new>

#include "base/large_blocks.h"
#include "base/small_blocks.h"

namespace skein {
namespace {

constexpr size_t kAlignment = 64;

// Header and payload in one allocation; the payload starts at the next 64-byte boundary.
class HeapBuffer final : public Buffer {
 public:
  static HeapBuffer* create(size_t size) {
    void* memory = take(kHeader + size);
    return new (memory) HeapBuffer(static_cast<std::byte*>(memory) + kHeader, size);
  }

 private:
  static constexpr size_t kHeader = kAlignment;
  HeapBuffer(std::byte* data, size_t size) : Buffer(data, size) {
    static_assert(sizeof(HeapBuffer) <= kHeader);
  }
  void destroy() override {
    size_t bytes = kHeader + size();
    this->~HeapBuffer();
    give(this, bytes);
  }

  static bool is_large(size_t bytes) {
    return bytes >= kSmallestLargeBlock && bytes <= kLargestLargeBlock;
  }
  static void* take(size_t bytes) {
    if (bytes <= kSmallBlockSize) return take_small_block();
    if (is_large(bytes)) return take_large_block(bytes);
    return ::operator new (bytes, std::align_val_t{kAlignment});
  }
  static void give(void* memory, size_t bytes) {
    if (bytes <= kSmallBlockSize) return give_small_block(memory);
    if (is_large(bytes)) return give_large_block(memory, bytes);
    ::operator delete (memory, std::align_val_t{kAlignment});
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

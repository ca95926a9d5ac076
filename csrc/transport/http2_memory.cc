#include "transport/http2_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace skein::transport {
namespace {

constexpr size_t kMostKept = 8 << 20;  // bytes

Http2Memory& memory_of(void* user_data) { return *static_cast<Http2Memory*>(user_data); }

void* allocate_zeroed(size_t count, size_t size, void* user_data) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* memory = memory_of(user_data).allocate(count * size);
  if (memory != nullptr) std::memset(memory, 0, count * size);
  return memory;
}

}  // namespace

Http2Memory::Http2Memory()
    : functions_{
          .mem_user_data = this,
          .malloc = [](size_t size, void* user) { return memory_of(user).allocate(size); },
          .free = [](void* memory, void* user) { memory_of(user).free(memory); },
          .calloc = allocate_zeroed,
          .realloc = [](void* memory, size_t size,
                        void* user) { return memory_of(user).reallocate(memory, size); },
      } {}

Http2Memory::~Http2Memory() {
  for (Header* header : free_) {
    while (header != nullptr) {
      Header* next = header->next;
      std::free(header);
      header = next;
    }
  }
}

void* Http2Memory::allocate(size_t size) {
  size_t size_class = size == 0 ? 0 : (size - 1) / kStep;
  Header* header = size_class < kClasses ? free_[size_class] : nullptr;
  if (header != nullptr) {
    free_[size_class] = header->next;
    kept_ -= (size_class + 1) * kStep;
  } else {
    if (size > SIZE_MAX / 2) return nullptr;
    size_t room = size_class < kClasses ? (size_class + 1) * kStep : size;
    header = static_cast<Header*>(std::malloc(sizeof(Header) + room));
    if (header == nullptr) return nullptr;
    header->size_class = std::min(size_class, kClasses);
  }
  header->size = size;
  return header + 1;
}

void* Http2Memory::reallocate(void* memory, size_t size) {
  void* moved = allocate(size);
  if (moved == nullptr || memory == nullptr) return moved;
  std::memcpy(moved, memory, std::min(size, (static_cast<Header*>(memory) - 1)->size));
  free(memory);
  return moved;
}

void Http2Memory::free(void* memory) {
  if (memory == nullptr) return;
  Header* header = static_cast<Header*>(memory) - 1;
  if (header->size_class == kClasses || kept_ >= kMostKept) return std::free(header);
  header->next = free_[header->size_class];
  free_[header->size_class] = header;
  kept_ += (header->size_class + 1) * kStep;
}

}  // namespace skein::transport

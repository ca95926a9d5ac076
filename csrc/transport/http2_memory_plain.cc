// Used in sanitizer builds in place of http2_memory.cc: recycled memory would hide from them what
// is used after it was given back.
#include <cstdlib>

#include "transport/http2_memory.h"

namespace skein::transport {

Http2Memory::Http2Memory()
    : functions_{
          .mem_user_data = this,
          .malloc = [](size_t size, void*) { return std::malloc(size); },
          .free = [](void* memory, void*) { std::free(memory); },
          .calloc = [](size_t count, size_t size, void*) { return std::calloc(count, size); },
          .realloc = [](void* memory, size_t size, void*) { return std::realloc(memory, size); },
      } {}

Http2Memory::~Http2Memory() = default;
void* Http2Memory::allocate(size_t size) { return std::malloc(size); }
void* Http2Memory::reallocate(void* memory, size_t size) { return std::realloc(memory, size); }
void Http2Memory::free(void* memory) { std::free(memory); }

}  // namespace skein::transport

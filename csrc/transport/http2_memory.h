// Memory of the HTTP/2 sessions of one I/O thread: nghttp2 asks for some twenty small pieces per
// call and gives them back soon after, always on the same thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>

namespace skein::transport {

// Must outlive the sessions and every nghttp2_rcbuf kept from them.
class Http2Memory {
 public:
  Http2Memory();
  ~Http2Memory();
  Http2Memory(const Http2Memory&) = delete;
  Http2Memory& operator=(const Http2Memory&) = delete;

  nghttp2_mem* functions() { return &functions_; }
  // nullptr when out of memory. 16-byte aligned.
  void* allocate(size_t size);
  void* reallocate(void* memory, size_t size);
  void free(void* memory);

 private:
  static constexpr size_t kStep = 64;  // sizes are rounded up to a multiple
  static constexpr size_t kClasses = 16;

  // Before every piece.
  struct alignas(16) Header {
    size_t size_class;  // kClasses: not recycled
    union {
      size_t size;   // in use
      Header* next;  // free
    };
  };

  // Not used by http2_memory_plain.cc.
  [[maybe_unused]] std::array<Header*, kClasses> free_{};
  [[maybe_unused]] size_t kept_ = 0;  // bytes in free_
  nghttp2_mem functions_;
};

}  // namespace skein::transport

// Writes protobuf's wire format into memory that the caller has sized with the functions below.
// All field numbers of ours are below 16, so every tag is one byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/wire_reader.h"

namespace skein::protocol {

constexpr size_t varint_size(uint64_t value) {
  if (value < 0x80) return 1;
  return static_cast<size_t>(std::bit_width(value) + 6) / 7;
}

// A tag, a length and that many bytes.
constexpr size_t block_size(size_t content) { return 1 + varint_size(content) + content; }

// Empty strings are the default and stay off the wire.
constexpr size_t text_field_size(std::string_view text) {
  return text.empty() ? 0 : block_size(text.size());
}

class WireWriter {
 public:
  explicit WireWriter(std::byte* out) : at_(out) {}

  const std::byte* at() const { return at_; }

  void varint(uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<std::byte>(value);
  }
  // Tag and length; `size` bytes of content must follow.
  void block(uint32_t field, size_t size) {
    *at_++ = static_cast<std::byte>(tag_of(field, WireType::kBytes));
    varint(size);
  }
  void bytes(const void* data, size_t size) {
    if (size > 0) std::memcpy(at_, data, size);
    at_ += size;
  }
  void text_field(uint32_t field, std::string_view text) {
    if (text.empty()) return;
    block(field, text.size());
    bytes(text.data(), text.size());
  }

 private:
  std::byte* at_;
};

}  // namespace skein::protocol

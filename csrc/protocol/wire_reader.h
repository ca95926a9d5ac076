// Reads protobuf's wire format in place. Every length is checked against the bytes that are left,
// and nothing recurses, so hostile input costs one pass at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"

namespace skein::protocol {

using Bytes = std::span<const std::byte>;

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// What precedes a field on the wire. Switching on whole tags makes a known field of the wrong wire
// type an unknown one, which is what protobuf asks for.
constexpr uint32_t tag_of(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

// Reads the varint at `at` and moves past it. False, leaving `at`, when it is cut off or longer
// than ten bytes.
bool read_long_varint(const std::byte*& at, const std::byte* end, uint64_t& value);
inline bool read_varint(const std::byte*& at, const std::byte* end, uint64_t& value) {
  if (at != end && static_cast<uint8_t>(*at) < 0x80) {
    value = static_cast<uint8_t>(*at++);
    return true;
  }
  return read_long_varint(at, end, value);
}

// INTERNAL, in the words used for every message that is no protobuf.
Status malformed(std::string_view reason);

struct Field {
  uint32_t tag = 0;
  uint64_t value = 0;  // varint, fixed32 and fixed64
  Bytes bytes;         // length-delimited
};

// The fields of one message, in wire order; unknown groups are stepped over.
class WireReader {
 public:
  // `origin` is the first byte of the outermost message: errors tell the offset from there.
  WireReader(Bytes message, const std::byte* origin)
      : at_(message.data()), end_(message.data() + message.size()), origin_(origin) {}

  // False at the end and at the first fault; status() tells which.
  bool next(Field& field) { return next_short(field) || next_any(field); }
  Status status() const {
    if (fault_ == nullptr) return {};
    return describe_fault();
  }

 private:
  // The usual field: a one-byte tag, a one-byte length, all of it there. False without a trace if
  // the next field is another.
  bool next_short(Field& field) {
    if (end_ - at_ < 2) return false;
    auto tag = static_cast<uint8_t>(at_[0]);
    auto size = static_cast<uint8_t>(at_[1]);
    bool usual = (tag & 0x87) == static_cast<uint8_t>(WireType::kBytes) && tag > 0x07;
    if (!usual || size > 0x7f || size > end_ - at_ - 2) return false;
    field.tag = tag;
    field.bytes = {at_ + 2, size};
    at_ += 2 + size;
    return true;
  }
  bool next_any(Field& field);
  Status describe_fault() const;
  bool read_tag(uint32_t& tag);
  bool read_field(Field& field);
  bool read_fixed(size_t size, uint64_t& value);
  bool skip_group(uint32_t start_tag);
  bool fail(const char* reason) {
    fault_ = reason;
    return false;
  }

  const std::byte* at_;
  const std::byte* end_;
  const std::byte* origin_;
  const char* fault_ = nullptr;
};

}  // namespace skein::protocol

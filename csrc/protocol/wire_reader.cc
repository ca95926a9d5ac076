#include "protocol/wire_reader.h"

#include <array>
#include <bit>
#include <cstring>

namespace skein::protocol {
namespace {

constexpr size_t kMaxGroupDepth = 64;
static_assert(std::endian::native == std::endian::little,
              "fixed-width fields are read as they lie");

}  // namespace

bool read_long_varint(const std::byte*& at, const std::byte* end, uint64_t& value) {
  uint64_t result = 0;
  const std::byte* from = at;
  for (unsigned shift = 0; shift < 70 && from != end; shift += 7) {
    uint64_t byte = static_cast<uint8_t>(*from++);
    result |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = from;
      value = result;
      return true;
    }
  }
  return false;
}

Status malformed(std::string_view reason) {
  return internal("Failed to deserialize ModelInferRequest: " + std::string(reason));
}

bool WireReader::next_any(Field& field) {
  while (at_ != end_) {
    if (!read_tag(field.tag)) return false;
    if ((field.tag & 7) != static_cast<uint32_t>(WireType::kStartGroup)) return read_field(field);
    if (!skip_group(field.tag)) return false;
  }
  return false;
}

Status WireReader::describe_fault() const {
  return malformed(std::string(fault_) + " at byte " + std::to_string(at_ - origin_));
}

bool WireReader::read_tag(uint32_t& tag) {
  uint64_t value;
  if (!read_varint(at_, end_, value)) return fail("a field tag is cut off or too long");
  if (value > UINT32_MAX || value >> 3 == 0) return fail("a field number is out of range");
  tag = static_cast<uint32_t>(value);
  return true;
}

bool WireReader::read_field(Field& field) {
  switch (static_cast<WireType>(field.tag & 7)) {
    case WireType::kVarint:
      return read_varint(at_, end_, field.value) || fail("a varint is cut off or too long");
    case WireType::kFixed64:
      return read_fixed(8, field.value);
    case WireType::kFixed32:
      return read_fixed(4, field.value);
    case WireType::kBytes: {
      uint64_t size;
      if (!read_varint(at_, end_, size)) return fail("a length is cut off or too long");
      if (size > static_cast<size_t>(end_ - at_)) return fail("a length exceeds the bytes left");
      field.bytes = {at_, static_cast<size_t>(size)};
      at_ += size;
      return true;
    }
    case WireType::kEndGroup:
      return fail("a group ends that never began");
    case WireType::kStartGroup:
      break;
  }
  return fail("a field has an unknown wire type");
}

bool WireReader::read_fixed(size_t size, uint64_t& value) {
  if (static_cast<size_t>(end_ - at_) < size) return fail("a fixed-width value is cut off");
  value = 0;
  std::memcpy(&value, at_, size);
  at_ += size;
  return true;
}

bool WireReader::skip_group(uint32_t start_tag) {
  constexpr uint32_t kStartToEnd = 1;
  std::array<uint32_t, kMaxGroupDepth> end_tags;
  size_t depth = 0;
  end_tags[depth++] = start_tag + kStartToEnd;
  Field inner;
  while (depth > 0) {
    if (at_ == end_) return fail("a group is cut off");
    if (!read_tag(inner.tag)) return false;
    if ((inner.tag & 7) == static_cast<uint32_t>(WireType::kStartGroup)) {
      if (depth == kMaxGroupDepth) return fail("groups are nested too deeply");
      end_tags[depth++] = inner.tag + kStartToEnd;
    } else if (inner.tag == end_tags[depth - 1]) {
      --depth;
    } else if (!read_field(inner)) {
      return false;
    }
  }
  return true;
}

}  // namespace skein::protocol

#include "protocol/contents_reader.h"

#include <algorithm>
#include <string>

namespace skein::protocol {
namespace {

namespace tc = tensor_contents;

Status cut_off(uint32_t field) {
  return malformed("packed " + std::string(contents_field_name(field)) +
                   " does not end with a whole element");
}

Status count_varints(Bytes packed, uint32_t field, uint64_t& count) {
  if (packed.empty()) return {};
  if (static_cast<uint8_t>(packed.back()) >= 0x80) return cut_off(field);
  count += static_cast<uint64_t>(std::count_if(packed.begin(), packed.end(), [](std::byte byte) {
    return static_cast<uint8_t>(byte) < 0x80;
  }));
  return {};
}

Status count_packed(const Field& field, uint32_t number, ContentsSummary& summary) {
  uint64_t& count = summary.elements[number];
  if (number <= tc::kUint64) return count_varints(field.bytes, number, count);
  size_t size = number == tc::kFp32 ? 4 : 8;
  if (field.bytes.size() % size != 0) return cut_off(number);
  count += field.bytes.size() / size;
  return {};
}

WireType unpacked_type(uint32_t number) {
  if (number <= tc::kUint64) return WireType::kVarint;
  return number == tc::kFp32 ? WireType::kFixed32 : WireType::kFixed64;
}

Status count_field(const Field& field, ContentsSummary& summary) {
  uint32_t number = field.tag >> 3;
  if (number > tc::kLast) return {};
  WireType type = static_cast<WireType>(field.tag & 7);
  if (number == tc::kBytes) {
    if (type != WireType::kBytes) return {};
    ++summary.elements[number];
    summary.text_bytes += field.bytes.size();
    return {};
  }
  if (type == WireType::kBytes) {
    if (field.bytes.empty()) return {};
    ++summary.chunks;
    summary.last_chunk = field.bytes;
    return count_packed(field, number, summary);
  }
  if (type == unpacked_type(number)) {
    ++summary.chunks;
    ++summary.elements[number];
  }
  return {};
}

}  // namespace

Status summarize_contents(const RequestInput& input, ContentsSummary& summary) {
  return visit_contents(input, [&](const Field& field) { return count_field(field, summary); });
}

std::string_view contents_field_name(uint32_t field) {
  static constexpr std::array<std::string_view, tc::kLast + 1> kNames = {"",
                                                                         "bool_contents",
                                                                         "int_contents",
                                                                         "int64_contents",
                                                                         "uint_contents",
                                                                         "uint64_contents",
                                                                         "fp32_contents",
                                                                         "fp64_contents",
                                                                         "bytes_contents"};
  return kNames[field];
}

}  // namespace skein::protocol

#include "protocol/raw_contents.h"

#include <cstring>

#include "protocol/wording.h"

namespace skein::protocol {
namespace {

constexpr std::string_view kStringForm =
    "; each BYTES element is a 4-byte little-endian length and that many bytes";

Status wrong(const RequestInput& input, const ModelSpec& spec, const std::string& why) {
  return invalid_argument(input_label(input.name, spec) + ": " + why);
}

Status check_fixed(const RequestInput& input, Bytes raw, uint64_t elements, const ModelSpec& spec,
                   DType dtype) {
  size_t size = element_size(dtype);
  if (raw.size() % size == 0 && raw.size() / size == elements) return {};
  return wrong(input, spec,
               "expected " + std::to_string(elements) + " x " + std::to_string(size) +
                   " bytes of raw_input_contents for " + std::string(name(dtype)) + " " +
                   to_string(input.shape) + ", got " + std::to_string(raw.size()) + " bytes");
}

Status check_bools(const RequestInput& input, Bytes raw, const ModelSpec& spec) {
  uint8_t seen = 0;
  for (std::byte byte : raw) seen |= static_cast<uint8_t>(byte);
  if (seen <= 1) return {};
  size_t index = 0;
  while (static_cast<uint8_t>(raw[index]) <= 1) ++index;
  return wrong(input, spec,
               "BOOL element " + std::to_string(index) + " is the byte " +
                   std::to_string(static_cast<uint8_t>(raw[index])) +
                   "; raw BOOL bytes must be 0 or 1");
}

Status wrong_string(const RequestInput& input, const ModelSpec& spec, uint64_t index,
                    const std::string& why) {
  return wrong(input, spec,
               "BYTES element " + std::to_string(index) + " " + why + std::string(kStringForm));
}

Status check_strings(const RequestInput& input, Bytes raw, uint64_t elements,
                     const ModelSpec& spec) {
  uint64_t count = 0;
  while (!raw.empty()) {
    uint32_t length;
    if (raw.size() < sizeof(length)) {
      return wrong_string(
          input, spec, count,
          "is cut off: " + std::to_string(raw.size()) + " bytes are left for its length");
    }
    std::memcpy(&length, raw.data(), sizeof(length));
    raw = raw.subspan(sizeof(length));
    if (raw.size() < length) {
      return wrong_string(input, spec, count,
                          "says " + std::to_string(length) + " bytes, but " +
                              std::to_string(raw.size()) + " are left");
    }
    raw = raw.subspan(length);
    ++count;
  }
  if (count == elements) return {};
  return wrong(input, spec,
               "expected " + std::to_string(elements) + " BYTES elements for shape " +
                   to_string(input.shape) + ", got " + std::to_string(count) +
                   " in raw_input_contents" + std::string(kStringForm));
}

}  // namespace

Status view_raw(const RequestInput& input, Bytes raw, const ModelSpec& spec, TensorView& view) {
  view.data = raw.data();
  view.size = raw.size();
  uint64_t elements = static_cast<uint64_t>(input.elements);
  if (view.dtype == DType::kBytes) return check_strings(input, raw, elements, spec);
  Status status = check_fixed(input, raw, elements, spec, view.dtype);
  if (status.ok() && view.dtype == DType::kBool) status = check_bools(input, raw, spec);
  return status;
}

}  // namespace skein::protocol

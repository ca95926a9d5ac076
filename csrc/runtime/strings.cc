#include "runtime/strings.h"

#include <cstring>

namespace skein::runtime {
namespace {

constexpr size_t kPrefix = sizeof(uint32_t);

uint32_t load_length(const std::byte* from) {
  uint32_t length = 0;
  for (size_t i = 0; i < kPrefix; ++i) length |= std::to_integer<uint32_t>(from[i]) << (8 * i);
  return length;
}

std::byte* store_length(std::byte* to, uint32_t length) {
  for (size_t i = 0; i < kPrefix; ++i) to[i] = static_cast<std::byte>(length >> (8 * i));
  return to + kPrefix;
}

Status misfit(const Shape& shape) {
  return invalid_argument("string data does not hold exactly the elements of shape " +
                          to_string(shape));
}

// Copies the elements of one part to `tensor` from element `next` on; nullopt when cut short.
std::optional<size_t> fill_part(OrtValue* tensor, const TensorView& part, size_t next, size_t end) {
  size_t position = 0;
  while (position < part.size) {
    if (next == end || part.size - position < kPrefix) return std::nullopt;
    size_t length = load_length(part.data + position);
    position += kPrefix;
    if (part.size - position < length) return std::nullopt;
    char* target = nullptr;
    if (!take(ort().GetResizedStringTensorElementBuffer(tensor, next, length, &target)).ok()) {
      return std::nullopt;
    }
    if (length > 0) std::memcpy(target, part.data + position, length);
    position += length;
    ++next;
  }
  return next;
}

// Lengths and bytes of all elements, back to back, as ONNX Runtime hands them out.
struct Content {
  std::vector<char> bytes;
  std::vector<size_t> offsets;
};
Result<Content> content_of(const OrtValue* tensor, size_t elements) {
  Content content;
  if (elements == 0) return content;
  size_t length = 0;
  if (Status status = take(ort().GetStringTensorDataLength(tensor, &length)); !status.ok()) {
    return status;
  }
  content.bytes.resize(length);
  content.offsets.resize(elements);
  Status status = take(ort().GetStringTensorContent(tensor, content.bytes.data(), length,
                                                    content.offsets.data(), elements));
  if (!status.ok()) return status;
  return content;
}

}  // namespace

Result<Handle<OrtValue>> make_string_tensor(std::span<const TensorView> parts, const Shape& shape) {
  OrtValue* created = nullptr;
  Status status =
      take(ort().CreateTensorAsOrtValue(default_allocator(), shape.begin(), shape.rank(),
                                        ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &created));
  if (!status.ok()) return status;
  Handle<OrtValue> tensor(created);
  size_t elements = static_cast<size_t>(element_count(shape.dims()).value_or(0));
  size_t filled = 0;
  for (const TensorView& part : parts) {
    std::optional<size_t> next = fill_part(created, part, filled, elements);
    if (!next) return misfit(shape);
    filled = *next;
  }
  if (filled != elements) return misfit(shape);
  return tensor;
}

Result<RawStrings> read_strings(const OrtValue* tensor, size_t elements, size_t rows) {
  Result<Content> content = content_of(tensor, elements);
  if (!content.ok()) return content.status();
  const auto& [bytes, offsets] = *content;
  RawStrings raw{Buffer::allocate(bytes.size() + elements * kPrefix), {}};
  size_t per_row = rows == 0 ? 0 : elements / rows;
  std::byte* to = raw.bytes->data();
  for (size_t i = 0; i < elements; ++i) {
    if (i % per_row == 0) raw.row_offsets.push_back(static_cast<size_t>(to - raw.bytes->data()));
    size_t end = i + 1 < elements ? offsets[i + 1] : bytes.size();
    size_t length = end - offsets[i];
    if (length > UINT32_MAX) return internal("a string of an output is longer than 4 GiB");
    to = store_length(to, static_cast<uint32_t>(length));
    if (length > 0) std::memcpy(to, bytes.data() + offsets[i], length);
    to += length;
  }
  raw.row_offsets.resize(rows + 1, raw.bytes->size());
  return raw;
}

}  // namespace skein::runtime

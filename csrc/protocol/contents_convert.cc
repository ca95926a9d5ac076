#include "protocol/contents_convert.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "protocol/wording.h"

namespace skein::protocol {
namespace {

// A varint of one byte may become an element of eight, which the byte budget does not see.
constexpr size_t kLargestConverted = 64 << 20;  // bytes of one input

namespace tc = tensor_contents;

// Writes the varints of one field as T. `Wire` is the field's own type: what protobuf makes of a
// varint before we narrow it.
template <class Wire, class T>
class VarintWriter {
 public:
  VarintWriter(const RequestInput& input, const ModelSpec& spec, std::byte* out)
      : input_(input), spec_(spec), out_(out) {}

  Status write(const Field& field) {
    if ((field.tag & 7) == static_cast<uint32_t>(WireType::kVarint)) return put(field.value);
    const std::byte* at = field.bytes.data();
    const std::byte* end = at + field.bytes.size();
    while (at != end) {
      uint64_t value;
      if (!read_varint(at, end, value)) return malformed("a packed varint is too long");
      if (!fits(value)) return put(value);
      store(value);
    }
    return {};
  }

 private:
  static bool fits(uint64_t value) {
    if constexpr (std::is_same_v<Wire, bool>) {
      return true;
    } else {
      return std::in_range<T>(static_cast<Wire>(value));
    }
  }
  void store(uint64_t value) {
    T element = static_cast<T>(static_cast<Wire>(value));
    std::memcpy(out_ + index_++ * sizeof(T), &element, sizeof(T));
  }
  Status put(uint64_t value) {
    if (!fits(value)) {
      return invalid_argument(input_label(input_.name, spec_) + ": element " +
                              std::to_string(index_) + " is " +
                              std::to_string(static_cast<Wire>(value)) + ", but " +
                              std::string(name(input_.declared(spec_).dtype)) + " holds " +
                              std::to_string(std::numeric_limits<T>::min()) + " to " +
                              std::to_string(std::numeric_limits<T>::max()));
    }
    store(value);
    return {};
  }

  const RequestInput& input_;
  const ModelSpec& spec_;
  std::byte* out_;
  size_t index_ = 0;
};

template <class Wire, class T>
Status convert_varints(const RequestInput& input, uint32_t number, const ModelSpec& spec,
                       std::byte* out) {
  VarintWriter<Wire, T> writer(input, spec, out);
  return visit_contents(input, [&](const Field& field) -> Status {
    bool ours = field.tag == tag_of(number, WireType::kVarint) ||
                field.tag == tag_of(number, WireType::kBytes);
    return ours ? writer.write(field) : Status();
  });
}

Status convert_fixed(const RequestInput& input, uint32_t number, size_t size, std::byte* out) {
  WireType single = size == 4 ? WireType::kFixed32 : WireType::kFixed64;
  return visit_contents(input, [&](const Field& field) -> Status {
    if (field.tag == tag_of(number, single)) {
      std::memcpy(out, &field.value, size);
      out += size;
    } else if (field.tag == tag_of(number, WireType::kBytes) && !field.bytes.empty()) {
      std::memcpy(out, field.bytes.data(), field.bytes.size());
      out += field.bytes.size();
    }
    return {};
  });
}

// A message holds less than 4 GiB, so every length fits its prefix.
Status convert_strings(const RequestInput& input, std::byte* out) {
  return visit_contents(input, [&](const Field& field) -> Status {
    if (field.tag != tag_of(tc::kBytes, WireType::kBytes)) return {};
    uint32_t length = static_cast<uint32_t>(field.bytes.size());
    std::memcpy(out, &length, sizeof(length));
    out += sizeof(length);
    if (length > 0) std::memcpy(out, field.bytes.data(), length);
    out += length;
    return {};
  });
}

Status convert(const RequestInput& input, DType dtype, const ModelSpec& spec, std::byte* out) {
  switch (dtype) {
    case DType::kBool:
      return convert_varints<bool, uint8_t>(input, tc::kBool, spec, out);
    case DType::kInt8:
      return convert_varints<int32_t, int8_t>(input, tc::kInt, spec, out);
    case DType::kInt16:
      return convert_varints<int32_t, int16_t>(input, tc::kInt, spec, out);
    case DType::kInt32:
      return convert_varints<int32_t, int32_t>(input, tc::kInt, spec, out);
    case DType::kInt64:
      return convert_varints<int64_t, int64_t>(input, tc::kInt64, spec, out);
    case DType::kUint8:
      return convert_varints<uint32_t, uint8_t>(input, tc::kUint, spec, out);
    case DType::kUint16:
      return convert_varints<uint32_t, uint16_t>(input, tc::kUint, spec, out);
    case DType::kUint32:
      return convert_varints<uint32_t, uint32_t>(input, tc::kUint, spec, out);
    case DType::kUint64:
      return convert_varints<uint64_t, uint64_t>(input, tc::kUint64, spec, out);
    case DType::kFp32:
      return convert_fixed(input, tc::kFp32, 4, out);
    case DType::kFp64:
      return convert_fixed(input, tc::kFp64, 8, out);
    case DType::kBytes:
      return convert_strings(input, out);
    case DType::kFp16:
    case DType::kBf16:
      break;
  }
  return internal("datatype " + std::string(name(dtype)) + " has no typed contents");
}

size_t raw_size(const TensorView& view, const ContentsSummary& summary) {
  if (view.dtype == DType::kBytes) {
    return summary.elements[tc::kBytes] * sizeof(uint32_t) + summary.text_bytes;
  }
  uint64_t elements = 0;
  for (uint64_t count : summary.elements) elements += count;  // only one field is in use
  return elements * element_size(view.dtype);
}

}  // namespace

Status convert_contents(const RequestInput& input, const ContentsSummary& summary,
                        const ModelSpec& spec, TensorView& view,
                        std::vector<Ref<Buffer>>& converted) {
  view.size = raw_size(view, summary);
  if (view.size > kLargestConverted) {
    return resource_exhausted(input_label(input.name, spec) + ": typed contents of " +
                              std::to_string(view.size) + " bytes are converted, at most " +
                              std::to_string(kLargestConverted) +
                              "; send it in raw_input_contents");
  }
  converted.push_back(Buffer::allocate(view.size));
  view.data = converted.back()->data();
  return convert(input, view.dtype, spec, converted.back()->data());
}

}  // namespace skein::protocol

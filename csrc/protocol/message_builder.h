// Writes protobuf messages byte by byte, right or wrong. For tests: it shares no code with the
// reader and encoder under test.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_spec.h"

namespace skein::protocol::testing {

inline std::string varint_bytes(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  std::string bytes;
  for (const T& value : values) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  return bytes;
}

inline std::string packed_varints(const std::vector<int64_t>& values) {
  std::string bytes;
  for (int64_t value : values) bytes += varint_bytes(static_cast<uint64_t>(value));
  return bytes;
}

// The raw form of BYTES elements.
inline std::string raw_strings(std::initializer_list<std::string_view> elements) {
  std::string bytes;
  for (std::string_view element : elements) {
    bytes += bytes_of<uint32_t>({static_cast<uint32_t>(element.size())});
    bytes += element;
  }
  return bytes;
}

class MessageBuilder {
 public:
  MessageBuilder& append(std::string_view raw_bytes) {
    bytes_ += raw_bytes;
    return *this;
  }
  MessageBuilder& varint(uint32_t field, int64_t value) {
    return tag(field, 0).append(varint_bytes(static_cast<uint64_t>(value)));
  }
  template <class T>
  MessageBuilder& fixed(uint32_t field, T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8);
    return tag(field, sizeof(T) == 4 ? 5 : 1).append(bytes_of<T>({value}));
  }
  MessageBuilder& block(uint32_t field, std::string_view content) {
    return tag(field, 2).append(varint_bytes(content.size())).append(content);
  }
  MessageBuilder& block(uint32_t field, const MessageBuilder& message) {
    return block(field, message.str());
  }
  MessageBuilder& tag(uint32_t field, uint32_t type) {
    return append(varint_bytes(field << 3 | type));
  }
  const std::string& str() const { return bytes_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  std::string bytes_;
};

// A map entry of `parameters`; `value` is the content of an InferParameter.
inline MessageBuilder parameter(std::string_view key, const MessageBuilder& value) {
  return MessageBuilder().block(1, key).block(2, value);
}

// An InferInputTensor with a packed shape.
inline MessageBuilder input(std::string_view name, std::string_view datatype,
                            const std::vector<int64_t>& shape) {
  MessageBuilder message;
  message.block(1, name).block(2, datatype);
  if (shape.size() > 0) message.block(3, packed_varints(shape));
  return message;
}

// A request with one input and its raw contents.
inline MessageBuilder raw_request(const MessageBuilder& tensor_message, std::string_view raw) {
  return MessageBuilder().block(5, tensor_message).block(7, raw);
}

inline TensorSpec tensor(std::string name, DType dtype, const std::vector<int64_t>& dims) {
  return {std::move(name), dtype, Shape(std::span(dims))};
}

// A model 'm' with the given inputs and one output 'y'.
inline ModelSpec model(std::vector<TensorSpec> inputs, int64_t max_batch_size = 0) {
  ModelSpec spec;
  spec.name = "m";
  spec.inputs = std::move(inputs);
  spec.outputs = {tensor("y", DType::kFp32, {-1})};
  spec.batching.max_batch_size = max_batch_size;
  return spec;
}

}  // namespace skein::protocol::testing

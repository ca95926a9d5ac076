#include "load/request.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "load/target.h"

namespace skein::load {
namespace {

Message framed(const std::string& payload) {
  auto size = static_cast<uint32_t>(payload.size());
  Message message(5 + payload.size());
  for (size_t i = 1; i < 5; ++i) message[i] = static_cast<uint8_t>(size >> (32 - 8 * i));
  std::copy(payload.begin(), payload.end(), message.begin() + 5);
  return message;
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  auto bytes = [](std::string_view text) {
    return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

Result<std::vector<Message>> read_messages(const std::vector<std::string>& files) {
  std::vector<Message> messages;
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    std::string payload{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) {
      return not_found("--body " + name + ": " + std::strerror(errno));
    }
    if (payload.size() > UINT32_MAX) {
      return invalid_argument("--body " + name + ": a gRPC message has at most 4 GiB");
    }
    messages.push_back(framed(payload));
  }
  if (messages.empty()) messages.push_back(framed(""));
  return messages;
}

RequestHeaders::RequestHeaders(const Options& options)
    : authority_(authority_of(options.target)), path_(options.path) {
  fields_ = {field(":method", "POST"),
             field(":scheme", "http"),
             field(":path", path_),
             field(":authority", authority_),
             field("te", "trailers"),
             field("content-type", "application/grpc"),
             field("user-agent", "skein-load/1")};
}

void TimeoutText::set(uint32_t us) {
  uint32_t unit = 1;
  while (us / unit >= 1000) unit *= 10;
  bool too_long = us >= 100'000'000;  // grpc-timeout has at most 8 digits
  uint32_t number = us / unit * unit / (too_long ? 1000 : 1);
  char* end = std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr;
  *end++ = too_long ? 'm' : 'u';
  size_ = static_cast<size_t>(end - text_.data());
}

void TimeoutText::show_in(nghttp2_nv& field) const {
  field.value = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text_.data()));
  field.valuelen = size_;
}

nghttp2_nv timeout_field() { return field("grpc-timeout", ""); }

}  // namespace skein::load

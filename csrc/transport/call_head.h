// The request headers of one gRPC call: what transport itself needs, checked, and all custom
// metadata in one arena that is reused from call to call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "transport/field_rules.h"

namespace skein::transport {

// Why a call is refused before its message is looked at.
struct Refusal {
  Status status;
  int http_status = 200;
  bool name_encodings = false;  // add grpc-accept-encoding
};

class CallHead {
 public:
  // Fields beyond `max_list_size` bytes are counted but not kept.
  explicit CallHead(size_t max_list_size) : max_list_size_(max_list_size) {}

  // One header field, in wire order. Returns what field it is if nothing but its place can ever be
  // wrong about it: then add_again() may be used for further requests that have it.
  std::optional<KnownField> add(std::string_view name, std::string_view value);
  void add_again(KnownField field, std::string_view name, std::string_view value);
  void clear();

  // RFC 9113: names, values and 32 bytes for each field.
  size_t list_size() const { return list_size_; }
  std::string_view path() const { return path_; }
  std::optional<Duration> timeout() const { return timeout_; }
  // First value of a custom metadata key.
  std::optional<std::string_view> metadata(std::string_view key) const;
  // Not a request by HTTP/2's rules: the stream is to be reset. When all fields have come.
  bool malformed() const;
  // HTTP/2 rules out a body of another size than content-length says.
  std::optional<uint64_t> content_length() const { return rules_.content_length(); }
  // What gRPC's rules say against these headers.
  std::optional<Refusal> refusal() const;

 private:
  struct Field {
    uint32_t name_offset, name_size, value_offset, value_size;
  };
  // False: beyond the limit.
  bool count(std::string_view name, std::string_view value);
  // True: right, and of no further consequence than add_again() knows.
  bool keep(KnownField field, std::string_view name, std::string_view value);
  bool add_metadata(std::string_view name, std::string_view value);
  std::string_view text(uint32_t offset, uint32_t size) const {
    return std::string_view(arena_).substr(offset, size);
  }

  const size_t max_list_size_;
  FieldRules rules_;
  bool malformed_ = false;
  std::string path_;
  std::string arena_;
  std::vector<Field> fields_;
  size_t list_size_ = 0;
  std::optional<Duration> timeout_;
  bool has_content_type_ = false;
  // Only what is wrong is kept.
  std::string wrong_method_;
  std::string wrong_content_type_;
  std::string wrong_timeout_;
  std::string wrong_encoding_;
  std::string wrong_metadata_;
};

}  // namespace skein::transport

// HTTP/2's rules for the header fields of a request (RFC 9113, 8.2 and 8.3). They are held here and
// not by nghttp2, which takes several times as long for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skein::transport {

// Fields with a meaning to HTTP/2 or gRPC; the pseudo-header fields first.
enum class KnownField : uint8_t {
  kAuthority,
  kMethod,
  kPath,
  kScheme,
  kHost,
  kContentLength,
  kConnectionSpecific,  // no part of HTTP/2
  kTe,
  kContentType,
  kGrpcTimeout,
  kGrpcEncoding,
  kOther,
};

KnownField known_field(std::string_view name);

class FieldRules {
 public:
  // The next field of the header section, in wire order; `field` is known_field(name). False: the
  // request is malformed.
  bool allows(KnownField field, std::string_view name, std::string_view value);
  // The same for one that a request of this client had before, and that was allowed there.
  bool allows_again(KnownField field);
  // For a trailer section, whose values nobody reads.
  static bool allows_trailer(std::string_view name);
  // Every field that a request needs has come.
  bool complete() const;
  std::optional<uint64_t> content_length() const { return content_length_; }

 private:
  bool allows_pseudo(KnownField field, std::string_view value);
  bool take_length(std::string_view value);
  // False: it has come before.
  bool mark(KnownField field);
  bool has(KnownField field) const { return (seen_ >> static_cast<int>(field) & 1) != 0; }

  uint16_t seen_ = 0;  // bit: KnownField
  bool pseudo_over_ = false;
  bool connect_ = false;
  std::optional<uint64_t> content_length_;
};

}  // namespace skein::transport

// The textual and framing rules of gRPC over HTTP/2, as pure functions:
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace skein::transport {

// Before every message: one byte "compressed?", four bytes length, big-endian.
inline constexpr size_t kPrefixSize = 5;

struct MessagePrefix {
  uint8_t compressed = 0;  // 0 or 1; other values are malformed
  uint32_t length = 0;
};

MessagePrefix parse_prefix(const std::array<std::byte, kPrefixSize>& bytes);
std::array<std::byte, kPrefixSize> make_prefix(uint32_t length);

// "250m" -> 250 ms: one to eight digits and a unit of H M S m u n. Values too large for a
// Duration become its maximum. nullopt: malformed.
std::optional<Duration> parse_timeout(std::string_view text);

// False: percent_encode() would change nothing.
bool needs_percent_encoding(std::string_view text);
// grpc-message: bytes outside printable ASCII, and '%', become %XX.
std::string percent_encode(std::string_view text);

// Standard alphabet, padded or not. nullopt: malformed.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace skein::transport

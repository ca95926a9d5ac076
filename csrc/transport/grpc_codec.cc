#include "transport/grpc_codec.h"

#include <limits>

#include "base/byte_words.h"

namespace skein::transport {
namespace {

constexpr size_t kMaxTimeoutDigits = 8;

int64_t unit_nanoseconds(char unit) {
  switch (unit) {
    case 'H':
      return 3'600'000'000'000;
    case 'M':
      return 60'000'000'000;
    case 'S':
      return 1'000'000'000;
    case 'm':
      return 1'000'000;
    case 'u':
      return 1'000;
    case 'n':
      return 1;
    default:
      return 0;
  }
}

int sextet(char letter) {
  if (letter >= 'A' && letter <= 'Z') return letter - 'A';
  if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
  if (letter >= '0' && letter <= '9') return letter - '0' + 52;
  if (letter == '+') return 62;
  if (letter == '/') return 63;
  return -1;
}

bool stays_as_it_is(unsigned char byte) { return byte >= 0x20 && byte <= 0x7E && byte != '%'; }

}  // namespace

MessagePrefix parse_prefix(const std::array<std::byte, kPrefixSize>& bytes) {
  MessagePrefix prefix;
  prefix.compressed = static_cast<uint8_t>(bytes[0]);
  for (size_t i = 1; i < kPrefixSize; ++i) {
    prefix.length = (prefix.length << 8) | static_cast<uint32_t>(bytes[i]);
  }
  return prefix;
}

std::array<std::byte, kPrefixSize> make_prefix(uint32_t length) {
  return {std::byte{0}, static_cast<std::byte>(length >> 24),
          static_cast<std::byte>(length >> 16 & 0xFF), static_cast<std::byte>(length >> 8 & 0xFF),
          static_cast<std::byte>(length & 0xFF)};
}

std::optional<Duration> parse_timeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMaxTimeoutDigits + 1) return std::nullopt;
  int64_t unit = unit_nanoseconds(text.back());
  if (unit == 0) return std::nullopt;
  int64_t value = 0;
  for (char digit : text.substr(0, text.size() - 1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  if (value > std::numeric_limits<int64_t>::max() / unit) return Duration::max();
  return Duration{value * unit};
}

bool needs_percent_encoding(std::string_view text) {
  return !none_of_bytes(text, [](ByteWord word) {
    return any_below(word, 0x20) | any_above_ascii(word) | any_equal(word, 0x7f) |
           any_equal(word, '%');
  });
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (char letter : text) {
    auto byte = static_cast<unsigned char>(letter);
    if (stays_as_it_is(byte)) {
      encoded += letter;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 0xF];
    }
  }
  return encoded;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string decoded;
  decoded.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int bit_count = 0;
  for (char letter : text) {
    int value = sextet(letter);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      decoded += static_cast<char>(bits >> bit_count & 0xFF);
    }
  }
  return decoded;
}

}  // namespace skein::transport

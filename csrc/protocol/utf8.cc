#include "protocol/utf8.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace skein::protocol {
namespace {

struct LeadByte {
  int length;           // of the whole character; 0: cannot start one
  uint8_t second_low;   // allowed range of the second byte, which excludes overlong forms,
  uint8_t second_high;  // surrogates and code points above U+10FFFF
};

LeadByte classify(uint8_t lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the well-formed multi-byte character at `at`; 0 when there is none.
int character_length(const uint8_t* at, const uint8_t* end) {
  LeadByte lead = classify(*at);
  if (lead.length == 0 || end - at < lead.length) return 0;
  if (at[1] < lead.second_low || at[1] > lead.second_high) return 0;
  for (int i = 2; i < lead.length; ++i) {
    if (!is_continuation(at[i])) return 0;
  }
  return lead.length;
}

const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) {
  while (end - at >= 8) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    if ((eight & 0x8080808080808080u) != 0) break;
    at += 8;
  }
  while (at != end && *at < 0x80) ++at;
  return at;
}

}  // namespace

bool is_utf8_beyond_ascii(std::string_view text) {
  const uint8_t* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = at + text.size();
  for (at = skip_ascii(at, end); at != end; at = skip_ascii(at, end)) {
    int length = character_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

Status bad_utf8(std::string_view field) {
  return malformed("string field '" + std::string(field) + "' holds bytes that are not UTF-8");
}

}  // namespace skein::protocol

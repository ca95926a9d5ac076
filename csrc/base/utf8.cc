#include "base/utf8.h"

#include <cstring>

namespace skein {
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

size_t utf8_valid_size(std::string_view text) {
  const uint8_t* start = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = start + text.size();
  const uint8_t* at = skip_ascii(start, end);
  while (at != end) {
    int length = character_length(at, end);
    if (length == 0) break;
    at = skip_ascii(at + length, end);
  }
  return static_cast<size_t>(at - start);
}

void append_character(char32_t character, std::string& text) {
  auto trail = [character](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3f));
  };
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.append({static_cast<char>(0xc0 | character >> 6), trail(0)});
  } else if (character < 0x10000) {
    text.append({static_cast<char>(0xe0 | character >> 12), trail(6), trail(0)});
  } else {
    text.append({static_cast<char>(0xf0 | character >> 18), trail(12), trail(6), trail(0)});
  }
}

}  // namespace skein

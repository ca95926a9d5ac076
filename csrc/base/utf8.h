// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skein {

// How many bytes stand before the first that belongs to no well-formed character; text.size() when
// there is none.
size_t utf8_valid_size(std::string_view text);

// The character at `at`, which is moved behind it. `at` is at the start of a well-formed one.
inline char32_t next_character(const char*& at) {
  auto byte = [&at](int i) { return static_cast<uint8_t>(at[i]); };
  char32_t first = byte(0);
  if (first < 0x80) {
    at += 1;
    return first;
  }
  if (first < 0xe0) {
    char32_t character = (first & 0x1fu) << 6 | (byte(1) & 0x3fu);
    at += 2;
    return character;
  }
  if (first < 0xf0) {
    char32_t character = (first & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
    at += 3;
    return character;
  }
  char32_t character =
      (first & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 | (byte(3) & 0x3fu);
  at += 4;
  return character;
}

void append_character(char32_t character, std::string& text);

}  // namespace skein

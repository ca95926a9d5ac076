// Tests on the bytes of a text, eight at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace skein {

// Eight bytes of a text. The answers below have the high bit of some byte set if any byte of the
// word is meant; which byte that is, they do not tell.
using ByteWord = uint64_t;

constexpr ByteWord each_byte(uint8_t value) { return 0x0101010101010101u * value; }

// `limit` <= 0x80.
constexpr ByteWord any_below(ByteWord word, uint8_t limit) {
  return (word - each_byte(limit)) & ~word & each_byte(0x80);
}
constexpr ByteWord any_equal(ByteWord word, uint8_t value) {
  return any_below(word ^ each_byte(value), 1);
}
constexpr ByteWord any_above_ascii(ByteWord word) { return word & each_byte(0x80); }

// Whether `find`, made of the functions above, finds no byte of `text`. It must find no 'a', with
// which short texts are filled up.
template <class Find>
bool none_of_bytes(std::string_view text, Find find) {
  ByteWord word;
  if (text.size() < sizeof word) {
    word = each_byte('a');
    for (char letter : text) word = word << 8 | static_cast<uint8_t>(letter);
    return find(word) == 0;
  }
  const char* last = text.data() + text.size() - sizeof word;
  ByteWord found = 0;
  for (const char* at = text.data(); at < last; at += sizeof word) {
    std::memcpy(&word, at, sizeof word);
    found |= find(word);
  }
  std::memcpy(&word, last, sizeof word);
  return (found | find(word)) == 0;
}

}  // namespace skein

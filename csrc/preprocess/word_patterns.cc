#include "preprocess/word_patterns.h"

#include <array>

#include "base/utf8.h"
#include "preprocess/unicode.h"

namespace skein::preprocess {
namespace {

enum class Class : uint8_t { kEnd, kLetter, kNumber, kSpace, kOther };

Class class_of(char32_t character) {
  uint16_t found = properties(character);
  if ((found & kLetter) != 0) return Class::kLetter;
  if ((found & kNumber) != 0) return Class::kNumber;
  return (found & kSpace) != 0 ? Class::kSpace : Class::kOther;
}

constexpr Class ascii_class(int byte) {
  if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return Class::kLetter;
  if (byte >= '0' && byte <= '9') return Class::kNumber;
  return byte == ' ' || (byte >= '\t' && byte <= '\r') ? Class::kSpace : Class::kOther;
}

constexpr std::array<Class, 128> make_ascii_classes() {
  std::array<Class, 128> classes{};
  for (int byte = 0; byte < 128; ++byte) classes[byte] = ascii_class(byte);
  return classes;
}
constexpr std::array<Class, 128> kAscii = make_ascii_classes();

// A place in a text.
struct Cursor {
  const char* at;
  const char* end;

  bool done() const { return at == end; }
  char byte() const { return at == end ? '\0' : *at; }
  Class peek() const {
    if (at == end) return Class::kEnd;
    uint8_t first = static_cast<uint8_t>(*at);
    if (first < 0x80) return kAscii[first];
    const char* after = at;
    return class_of(next_character(after));
  }
  void advance() {
    uint8_t first = static_cast<uint8_t>(*at);
    at += first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  }
  // Moves over at most `limit` characters of a class.
  void skip(Class wanted, size_t limit = SIZE_MAX) {
    for (; limit > 0 && peek() == wanted; --limit) advance();
  }
  bool at_line_end() const { return byte() == '\r' || byte() == '\n'; }
};

Cursor after(Cursor cursor) {
  cursor.advance();
  return cursor;
}

// Behind 's, 't, 're, 've, 'm, 'll or 'd; `at` itself: there is none.
const char* contraction_end(const char* at, const char* end, bool any_case) {
  auto letter = [&](ptrdiff_t index) -> char {
    if (end - at <= index) return '\0';
    char byte = at[index];
    return any_case && byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
  };
  if (letter(0) != '\'') return at;
  char first = letter(1);
  char second = letter(2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  bool two = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
             (first == 'l' && second == 'l');
  if (two) return at + 3;
  // U+017F, the long s, is an s in any case.
  constexpr char kLongS[] = "\u017f";
  return any_case && letter(1) == kLongS[0] && letter(2) == kLongS[1] ? at + 3 : at;
}

// \s+(?!\S)|\s+ : white space, the last of it left to the word behind. Starts at white space.
const char* space_end(Cursor cursor) {
  const char* last = cursor.at;
  size_t count = 0;
  for (; cursor.peek() == Class::kSpace; cursor.advance(), ++count) last = cursor.at;
  return cursor.done() || count == 1 ? cursor.at : last;
}

// \s*[\r\n]+ : white space up to its last line end; `start` itself: it has none.
const char* line_end(Cursor cursor) {
  const char* last = cursor.at;
  for (; cursor.peek() == Class::kSpace; cursor.advance()) {
    if (cursor.at_line_end()) last = cursor.at + 1;
  }
  return last;
}

const char* gpt2_end(Cursor cursor) {
  const char* contraction = contraction_end(cursor.at, cursor.end, false);
  if (contraction != cursor.at) return contraction;
  Cursor word = cursor.byte() == ' ' ? after(cursor) : cursor;
  Class found = word.peek();
  if (found == Class::kEnd || found == Class::kSpace) return space_end(cursor);
  word.skip(found);
  return word.at;
}

const char* gpt4_end(Cursor cursor, size_t digits) {
  const char* contraction = contraction_end(cursor.at, cursor.end, true);
  if (contraction != cursor.at) return contraction;
  Class first = cursor.peek();
  bool may_lead = (first == Class::kSpace || first == Class::kOther) && !cursor.at_line_end();
  Cursor word = may_lead ? after(cursor) : cursor;
  if (word.peek() == Class::kLetter) {
    word.skip(Class::kLetter);
    return word.at;
  }
  if (first == Class::kNumber) {
    cursor.skip(Class::kNumber, digits);
    return cursor.at;
  }
  Cursor other = cursor.byte() == ' ' ? after(cursor) : cursor;
  if (other.peek() == Class::kOther) {
    other.skip(Class::kOther);
    while (other.at_line_end()) other.advance();
    return other.at;
  }
  const char* line = line_end(cursor);
  return line != cursor.at ? line : space_end(cursor);
}

}  // namespace

std::optional<WordPattern> word_pattern(std::string_view expression) {
  if (expression == kGpt2Expression) return WordPattern::kGpt2;
  if (expression == kLlama3Expression) return WordPattern::kLlama3;
  if (expression == kQwen2Expression) return WordPattern::kQwen2;
  return std::nullopt;
}

size_t match(WordPattern pattern, std::string_view text) {
  Cursor start{text.data(), text.data() + text.size()};
  const char* end = pattern == WordPattern::kGpt2
                        ? gpt2_end(start)
                        : gpt4_end(start, pattern == WordPattern::kLlama3 ? 3 : 1);
  return static_cast<size_t>(end - text.data());
}

}  // namespace skein::preprocess

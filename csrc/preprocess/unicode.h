// What Hugging Face tokenizers knows of each character (unicode.txt), and its normal forms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::preprocess {

// Bits of properties(), in the order of tools/unicode_tables.py.
enum Property : uint16_t {
  kSpace = 1 << 0,
  kNumeric = 1 << 1,
  kPunctuation = 1 << 2,
  kRemoved = 1 << 3,     // by BertNormalizer's clean_text
  kNonspacing = 1 << 4,  // by BertNormalizer's strip_accents
  kMark = 1 << 5,        // by StripAccents
  kLetter = 1 << 6,      // \p{L}
  kNumber = 1 << 7,      // \p{N}
  kWord = 1 << 8,        // \w
  kHasLower = 1 << 9,
  kHasCanonical = 1 << 10,
  kHasCompatible = 1 << 11,
  kUncomposed = 1 << 12,  // NFC takes it apart for good
  kFollower = 1 << 13,    // may be reordered, or composed with what stands before it
};
uint16_t properties(char32_t character);

enum class NormalForm : uint8_t { kNfd, kNfkd, kNfc, kNfkc };

// The lower case of `character`; some have two characters.
void append_lower(char32_t character, std::u32string& text);
// Its decomposition, not yet in canonical order.
void append_decomposed(char32_t character, bool compatible, std::u32string& text);
// Puts combining marks into canonical order.
void order_marks(std::u32string& text);
// `text` in canonical order: composes it in place.
void compose(std::u32string& text);
// Whether `character` anywhere can make a text differ from its normal form.
bool may_change(char32_t character, NormalForm form);

}  // namespace skein::preprocess

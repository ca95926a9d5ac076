#include "preprocess/unicode.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>

namespace skein::preprocess {
namespace {

#include "preprocess/unicode_tables.h"

// Hangul syllables, by arithmetic (Unicode Standard, section 3.12).
constexpr char32_t kSyllables = 0xac00;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kFinals = 0x11a7;  // one before the first: index 0 is "none"
constexpr char32_t kLeadCount = 19;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kFinalCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kFinalCount;

bool is_syllable(char32_t c) { return c - kSyllables < kSyllableCount; }

struct Mapping {
  std::span<const uint32_t> codes;
  const uint16_t* ends;
  const uint32_t* pool;
};

constexpr Mapping kLower = {kLowerCodes, kLowerEnds, kLowerPool};
constexpr Mapping kCanonical = {kCanonicalCodes, kCanonicalEnds, kCanonicalPool};
constexpr Mapping kCompatible = {kCompatibleCodes, kCompatibleEnds, kCompatiblePool};

// `character` has an entry in `mapping`.
void append_mapped(const Mapping& mapping, char32_t character, std::u32string& text) {
  auto found = std::lower_bound(mapping.codes.begin(), mapping.codes.end(), character);
  ptrdiff_t index = found - mapping.codes.begin();
  for (int i = mapping.ends[index]; i < mapping.ends[index + 1]; ++i) {
    text.push_back(mapping.pool[i]);
  }
}

void append_jamo(char32_t syllable, std::u32string& text) {
  char32_t index = syllable - kSyllables;
  text.push_back(kLeads + index / (kVowelCount * kFinalCount));
  text.push_back(kVowels + index / kFinalCount % kVowelCount);
  if (index % kFinalCount != 0) text.push_back(kFinals + index % kFinalCount);
}

// The canonical combining class; 0: it stays where it is.
uint8_t combining_class(char32_t character) {
  if ((properties(character) & kFollower) == 0) return 0;
  const uint32_t* found =
      std::lower_bound(std::begin(kClassCodes), std::end(kClassCodes), character);
  if (found == std::end(kClassCodes) || *found != character) return 0;
  return kClasses[found - std::begin(kClassCodes)];
}

// What the two compose to; 0: nothing.
char32_t composed(char32_t first, char32_t second) {
  if (first - kLeads < kLeadCount && second - kVowels < kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + second - kVowels) * kFinalCount;
  }
  bool open = is_syllable(first) && (first - kSyllables) % kFinalCount == 0;
  if (open && second > kFinals && second < kFinals + kFinalCount) return first + second - kFinals;
  uint64_t pair = static_cast<uint64_t>(first) << 32 | second;
  const uint64_t* found = std::lower_bound(std::begin(kPairs), std::end(kPairs), pair);
  if (found == std::end(kPairs) || *found != pair) return 0;
  return kComposed[found - std::begin(kPairs)];
}

}  // namespace

uint16_t properties(char32_t character) {
  return kProperties[static_cast<size_t>(kBlocks[character >> 8]) << 8 | (character & 0xff)];
}

void append_lower(char32_t character, std::u32string& text) {
  if ((properties(character) & kHasLower) == 0) {
    text.push_back(character);
  } else {
    append_mapped(kLower, character, text);
  }
}

void append_decomposed(char32_t character, bool compatible, std::u32string& text) {
  if (is_syllable(character)) return append_jamo(character, text);
  uint16_t found = properties(character);
  if (compatible && (found & kHasCompatible) != 0) {
    append_mapped(kCompatible, character, text);
  } else if ((found & kHasCanonical) != 0) {
    append_mapped(kCanonical, character, text);
  } else {
    text.push_back(character);
  }
}

void order_marks(std::u32string& text) {
  auto by_class = [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); };
  for (size_t at = 0; at < text.size();) {
    if (combining_class(text[at]) == 0) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < text.size() && combining_class(text[end]) != 0) ++end;
    auto run = text.begin() + static_cast<ptrdiff_t>(at);
    if (end - at > 1) std::stable_sort(run, run + static_cast<ptrdiff_t>(end - at), by_class);
    at = end;
  }
}

void compose(std::u32string& text) {
  constexpr size_t kNone = std::u32string::npos;
  size_t starter = kNone;
  size_t kept = 0;
  int last_class = -1;  // of what stands between the starter and here; -1: nothing
  for (char32_t character : text) {
    int own = combining_class(character);
    if (starter != kNone && last_class < own) {
      if (char32_t whole = composed(text[starter], character); whole != 0) {
        text[starter] = whole;
        continue;
      }
    }
    if (own == 0) {
      starter = kept;
      last_class = -1;
    } else {
      last_class = own;
    }
    text[kept++] = character;
  }
  text.resize(kept);
}

bool may_change(char32_t character, NormalForm form) {
  constexpr uint16_t kWhenDecomposing = kHasCanonical | kFollower;
  constexpr uint16_t kWhenComposing = kUncomposed | kFollower;
  bool composing = form == NormalForm::kNfc || form == NormalForm::kNfkc;
  bool compatible = form == NormalForm::kNfkd || form == NormalForm::kNfkc;
  int changing = composing ? kWhenComposing : kWhenDecomposing;
  if (compatible) changing |= kHasCompatible;
  return (properties(character) & changing) != 0 || (!composing && is_syllable(character));
}

}  // namespace skein::preprocess

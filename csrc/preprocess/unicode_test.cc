#include "preprocess/unicode.h"

#include <gtest/gtest.h>

namespace skein::preprocess {
namespace {

std::u32string decomposed(std::u32string_view text, bool compatible = false) {
  std::u32string made;
  for (char32_t character : text) append_decomposed(character, compatible, made);
  order_marks(made);
  return made;
}

std::u32string composed(std::u32string_view text) {
  std::u32string made = decomposed(text);
  compose(made);
  return made;
}

TEST(Unicode, MarksAreOrderedByClass) {
  EXPECT_EQ(decomposed(U"a\u0301\u0323"), U"a\u0323\u0301");
  EXPECT_EQ(decomposed(U"a\u0301\u0300"), U"a\u0301\u0300");  // of one class: as they came
  EXPECT_EQ(decomposed(U"\u1e69"), U"s\u0323\u0307");
}

TEST(Unicode, ComposingSkipsWhatIsBlocked) {
  EXPECT_EQ(composed(U"e\u0301"), U"\u00e9");
  EXPECT_EQ(composed(U"a\u0323\u0302"), U"\u1ead");
  EXPECT_EQ(composed(U"a\u0301\u0301"), U"\u00e1\u0301");
  EXPECT_EQ(composed(U"\u212b"), U"\u00c5");
  EXPECT_EQ(composed(U"\u0958"), U"\u0915\u093c");  // is never composed again
  EXPECT_EQ(composed(U"\u0301"), U"\u0301");
}

TEST(Unicode, HangulGoesBothWays) {
  EXPECT_EQ(decomposed(U"\ud55c\uae00"), U"\u1112\u1161\u11ab\u1100\u1173\u11af");
  EXPECT_EQ(composed(U"\u1112\u1161\u11ab"), U"\ud55c");
  EXPECT_EQ(composed(U"\uac00\u11a7"), U"\uac00\u11a7");  // no final consonant
}

TEST(Unicode, CompatibleFormsAreWider) {
  EXPECT_EQ(decomposed(U"\ufb01\u00bd", true), U"fi1\u20442");
  EXPECT_EQ(decomposed(U"\ufb01"), U"\ufb01");
}

TEST(Unicode, LowerCaseMayHaveTwoCharacters) {
  std::u32string made;
  for (char32_t character : std::u32string_view(U"A\u00df\u0130\u03a3\u4e2d")) {
    append_lower(character, made);
  }
  EXPECT_EQ(made, U"a\u00dfi\u0307\u03c3\u4e2d");
}

TEST(Unicode, OnlyWhatMayChangeIsSaidTo) {
  EXPECT_FALSE(may_change(U'\u00e9', NormalForm::kNfc));
  EXPECT_TRUE(may_change(U'\u00e9', NormalForm::kNfd));
  EXPECT_TRUE(may_change(U'\u0301', NormalForm::kNfc));
  EXPECT_TRUE(may_change(U'\uac00', NormalForm::kNfd));
  EXPECT_TRUE(may_change(U'\u11ab', NormalForm::kNfc));
  EXPECT_FALSE(may_change(U'\ufb01', NormalForm::kNfc));
  EXPECT_TRUE(may_change(U'\ufb01', NormalForm::kNfkc));
}

TEST(Unicode, TheLastCodePointHasProperties) { EXPECT_EQ(properties(0x10ffff) & kLetter, 0); }

}  // namespace
}  // namespace skein::preprocess

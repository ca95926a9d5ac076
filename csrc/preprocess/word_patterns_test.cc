#include "preprocess/word_patterns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skein::preprocess {
namespace {

using Pieces = std::vector<std::string>;

Pieces cut(WordPattern pattern, std::string_view text) {
  Pieces pieces;
  while (!text.empty()) {
    size_t size = match(pattern, text);
    pieces.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

TEST(WordPatterns, Gpt2KeepsABlankWithTheWordBehindIt) {
  EXPECT_EQ(cut(WordPattern::kGpt2, "I'll go  on. 12ab"),
            (Pieces{"I", "'ll", " go", " ", " on", ".", " 12", "ab"}));
  EXPECT_EQ(cut(WordPattern::kGpt2, "a \n "), (Pieces{"a", " \n "}));
  EXPECT_EQ(cut(WordPattern::kGpt2, "I'LL"), (Pieces{"I", "'", "LL"}));
}

TEST(WordPatterns, Llama3CutsNumbersAfterThreeDigits) {
  EXPECT_EQ(cut(WordPattern::kLlama3, "1234 5"), (Pieces{"123", "4", " ", "5"}));
  EXPECT_EQ(cut(WordPattern::kQwen2, "12"), (Pieces{"1", "2"}));
}

TEST(WordPatterns, Llama3TakesOneOtherCharacterBeforeAWord) {
  EXPECT_EQ(cut(WordPattern::kLlama3, "(a\tb\nc"), (Pieces{"(a", "\tb", "\n", "c"}));
  EXPECT_EQ(cut(WordPattern::kLlama3, "it'S 'sure"), (Pieces{"it", "'S", " '", "sure"}));
  EXPECT_EQ(cut(WordPattern::kLlama3, "'\u017fx"), (Pieces{"'\u017f", "x"}));
}

TEST(WordPatterns, Llama3EndsWhiteSpaceAtTheLastLineEnd) {
  EXPECT_EQ(cut(WordPattern::kLlama3, " \n \n  a"), (Pieces{" \n \n", " ", " a"}));
  EXPECT_EQ(cut(WordPattern::kLlama3, "!?\r\n\n x"), (Pieces{"!?\r\n\n", " x"}));
}

TEST(WordPatterns, OnlyTheExpressionsThemselvesAreKnown) {
  EXPECT_EQ(word_pattern(kGpt2Expression), WordPattern::kGpt2);
  EXPECT_EQ(word_pattern(kLlama3Expression), WordPattern::kLlama3);
  EXPECT_EQ(word_pattern(kQwen2Expression), WordPattern::kQwen2);
  EXPECT_EQ(word_pattern(R"(\s+)"), std::nullopt);
}

}  // namespace
}  // namespace skein::preprocess

#include "preprocess/byte_trie.h"

#include <gtest/gtest.h>

namespace skein::preprocess {
namespace {

TEST(ByteTrie, FindsWhatItHoldsAndNothingElse) {
  ByteTrie trie({{"a", 0}, {"abc", 1}, {"b", 2}, {std::string("\0x", 2), 3}, {"\xc3\xa9", 4}});
  EXPECT_EQ(trie.find("a"), 0);
  EXPECT_EQ(trie.find("abc"), 1);
  EXPECT_EQ(trie.find(std::string_view("\0x", 2)), 3);
  EXPECT_EQ(trie.find("\xc3\xa9"), 4);
  EXPECT_EQ(trie.find("ab"), ByteTrie::kNone);
  EXPECT_EQ(trie.find(""), ByteTrie::kNone);
  EXPECT_EQ(trie.find("abcd"), ByteTrie::kNone);
}

TEST(ByteTrie, TheLongestMatchWins) {
  ByteTrie trie({{"a", 0}, {"abc", 1}, {"abcde", 2}});
  EXPECT_EQ(trie.longest(ByteTrie::kRoot, "abcd").value, 1);
  EXPECT_EQ(trie.longest(ByteTrie::kRoot, "abcd").size, 3u);
  EXPECT_EQ(trie.longest(ByteTrie::kRoot, "abx").size, 1u);
  EXPECT_EQ(trie.longest(ByteTrie::kRoot, "x").size, 0u);
}

TEST(ByteTrie, AMatchMayGoOnFromAnInnerNode) {
  ByteTrie trie({{"##", 0}, {"##b", 1}, {"##bc", 2}});
  uint32_t inner = trie.walk(ByteTrie::kRoot, "##");
  EXPECT_EQ(trie.longest(inner, "bcd").value, 2);
  EXPECT_EQ(trie.longest(inner, "").size, 0u);
  EXPECT_EQ(trie.walk(ByteTrie::kRoot, "#x"), ByteTrie::kNowhere);
}

TEST(ByteTrie, AnEmptyOneFindsNothing) {
  EXPECT_EQ(ByteTrie().find("a"), ByteTrie::kNone);
  EXPECT_EQ(ByteTrie().longest(ByteTrie::kRoot, "a").size, 0u);
}

}  // namespace
}  // namespace skein::preprocess

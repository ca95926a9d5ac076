#include "preprocess/tokenizer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>

#include "preprocess/text_input.h"
#include "preprocess/tokenizer_fixture.h"

namespace skein::preprocess {
namespace {

using Ids = std::vector<uint32_t>;
using testing::kBytePairFile;
using testing::kWordPieceFile;

std::shared_ptr<const Tokenizer> tokenizer(const std::string& file, const TextSpec& spec) {
  auto made = Tokenizer::create(file, spec);
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.status().message());
  return made.ok() ? made.value() : nullptr;
}

Ids encode(const std::string& file, std::string_view text,
           const TextSpec& spec = {.max_length = 64}) {
  Ids ids;
  Status status = tokenizer(file, spec)->encode(text, ids);
  EXPECT_TRUE(status.ok()) << status.message();
  return ids;
}

std::string refusal(const std::string& file) {
  auto made = Tokenizer::create(file, {.max_length = 64});
  return made.ok() ? "" : made.status().message();
}

TEST(Tokenizer, WordsAreCutIntoTheLongestPieces) {
  EXPECT_EQ(encode(kWordPieceFile, "Unaffable, \u00c1a"), (Ids{2, 5, 6, 7, 10, 8, 9, 3}));
}

TEST(Tokenizer, AWordThatCannotBeCutIsUnknownAsAWhole) {
  EXPECT_EQ(encode(kWordPieceFile, "unx a"), (Ids{2, 1, 8, 3}));
  EXPECT_EQ(encode(kWordPieceFile, "aaaaaaaaaa"), (Ids{2, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 3}));
  EXPECT_EQ(encode(kWordPieceFile, "aaaaaaaaaaa"), (Ids{2, 1, 3}));  // one over the limit
}

TEST(Tokenizer, TokensAreFoundInTheTextItself) {
  EXPECT_EQ(encode(kWordPieceFile, "a  [MASK]a[PAD]"), (Ids{2, 8, 4, 8, 0, 3}));
  EXPECT_EQ(encode(kWordPieceFile, "[mask]"), (Ids{2, 1, 1, 1, 3}));
}

TEST(Tokenizer, NormalizedTokensAreFoundAfterNormalizing) {
  EXPECT_EQ(encode(kWordPieceFile, "a NEW,newa"), (Ids{2, 8, 12, 10, 1, 3}));
}

TEST(Tokenizer, PairsAreMergedByRank) {
  EXPECT_EQ(encode(kBytePairFile, "abc"), (Ids{7}));
  EXPECT_EQ(encode(kBytePairFile, "abcab"), (Ids{7, 4}));
  EXPECT_EQ(encode(kBytePairFile, "bab"), (Ids{3, 1, 4}));
}

TEST(Tokenizer, BytesWithoutATokenAreLeftOutWhereNothingIsUnknown) {
  EXPECT_EQ(encode(kBytePairFile, "a\u00e9c"), (Ids{3, 0, 2}));
}

TEST(Tokenizer, TextBehindATokenGetsItsBlank) {
  EXPECT_EQ(encode(kBytePairFile, "abc<|end|>  abc"), (Ids{7, 8, 7}));
}

TEST(Tokenizer, NothingMakesTheSpecialTokensAlone) {
  EXPECT_EQ(encode(kWordPieceFile, ""), (Ids{2, 3}));
  EXPECT_EQ(encode(kBytePairFile, ""), Ids{});
  EXPECT_EQ(encode(kWordPieceFile, "\x01\x02"), (Ids{2, 3}));
}

TEST(Tokenizer, AVeryLongWordIsNotQuadratic) {
  std::string text;
  while (text.size() + 3 < size_t{1} << 20) text += "abc";
  Ids ids = encode(kBytePairFile, text, {.max_length = 3});
  EXPECT_EQ(ids, (Ids{7, 6, 6}));
}

TEST(Tokenizer, CachedWordsBelongToTheirTokenizer) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(encode(kWordPieceFile, "a"), (Ids{2, 8, 3}));
    EXPECT_EQ(encode(kBytePairFile, "a"), (Ids{3, 0}));
  }
}

TEST(Tokenizer, ARefusedTextAppendsNothing) {
  auto made = tokenizer(kWordPieceFile, {.max_length = 3, .truncation = TextTruncation::kError});
  Ids ids = {77};
  EXPECT_EQ(made->encode("a a", ids).code(), Code::kInvalidArgument);
  EXPECT_EQ(made->encode("\xff", ids).code(), Code::kInvalidArgument);
  EXPECT_EQ(ids, Ids{77});
}

TEST(Tokenizer, ThreadsShareOne) {
  auto made = tokenizer(kWordPieceFile, {.max_length = 64});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Ids ids;
        EXPECT_TRUE(made->encode("unaffable a, i", ids).ok());
        EXPECT_EQ(ids.size(), 8u);
      }
    });
  }
}

TEST(Tokenizer, FilesThatAreWrongSayWhere) {
  EXPECT_NE(refusal("").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal("[]").find("should be an object"), std::string::npos);
  EXPECT_NE(refusal("{}").find("'model' is missing"), std::string::npos);
  EXPECT_NE(refusal(R"({"model": {"type": "BPE", "vocab": {"a": 1.5}}})").find("model.vocab.a"),
            std::string::npos);
}

// Elements as the protocol has them.
TensorView strings(const std::vector<std::string>& texts, std::string& bytes) {
  for (const std::string& text : texts) {
    uint32_t size = static_cast<uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
  }
  return {.dtype = DType::kBytes,
          .shape = {static_cast<int64_t>(texts.size()), 1},
          .data = reinterpret_cast<const std::byte*>(bytes.data()),
          .size = bytes.size()};
}

template <class T>
std::vector<T> values(const Ref<Buffer>& buffer) {
  std::vector<T> found(buffer->size() / sizeof(T));
  std::memcpy(found.data(), buffer->data(), buffer->size());
  return found;
}

TEST(TextInput, ARequestIsPaddedToItsLongestText) {
  auto input = TextInput::create(kWordPieceFile,
                                 {.max_length = 8, .mask = DType::kInt32, .types = DType::kInt64});
  ASSERT_TRUE(input.ok());
  std::string bytes;
  auto made = (*input)->encode(strings({"a", "unaffable", ""}, bytes));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->rows, 3);
  EXPECT_EQ(made->length, 5);
  EXPECT_EQ(values<int64_t>(made->ids),
            (std::vector<int64_t>{2, 8, 3, 0, 0, 2, 5, 6, 7, 3, 2, 3, 0, 0, 0}));
  EXPECT_EQ(values<int32_t>(made->mask),
            (std::vector<int32_t>{1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(values<int64_t>(made->types), std::vector<int64_t>(15, 0));
}

TEST(TextInput, TheWrongTextIsNamed) {
  auto input = TextInput::create(kWordPieceFile, {.max_length = 8});
  ASSERT_TRUE(input.ok());
  std::string bytes;
  auto made = (*input)->encode(strings({"a", "b\xc3"}, bytes));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.status().message(), "text 1: not UTF-8: byte 1 belongs to no character");
}

TEST(TextInput, OnlyWholeNumbersHoldIds) {
  auto input = TextInput::create(kWordPieceFile, {.max_length = 8, .ids = DType::kFp32});
  ASSERT_FALSE(input.ok());
  EXPECT_NE(input.status().message().find("FP32; INT64 or INT32 is needed"), std::string::npos);
}

}  // namespace
}  // namespace skein::preprocess

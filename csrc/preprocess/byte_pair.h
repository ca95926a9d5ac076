// Byte pair encoding: the characters or bytes of a word are merged, pair by pair, in the order in
// which training found the pairs.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "preprocess/byte_trie.h"
#include "preprocess/merge_table.h"
#include "preprocess/word_model.h"

namespace skein::preprocess {

class BytePair : public WordModel {
 public:
  // byte_level: the vocabulary is spelt in the alphabet of byte_level.h, words are plain bytes.
  static Result<std::unique_ptr<WordModel>> create(const TokenizerNode& model,
                                                   const Vocabulary& vocabulary, bool byte_level);
  void tokenize(std::string_view word, std::vector<uint32_t>& ids) const override;

 private:
  struct Symbols;

  BytePair() = default;
  Status read_options(const TokenizerNode& model, const Vocabulary& vocabulary);
  Status read_merges(const TokenizerNode& model, const Vocabulary& vocabulary);
  void read_bytes(const Vocabulary& vocabulary);
  bool every_byte_is_known() const;
  void spell(std::string_view word, Symbols& symbols) const;
  bool spell_in_bytes(std::string_view character, Symbols& symbols) const;
  void merge(Symbols& symbols) const;

  bool byte_level_ = false;
  bool fuse_unknown_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;         // words that are tokens are not looked into
  int64_t unknown_ = ByteTrie::kNone;  // kNone: what is unknown is left out
  std::array<int64_t, 256> bytes_{};   // ids of single bytes
  ByteTrie tokens_;                    // in the bytes of words
  MergeTable merges_;
};

}  // namespace skein::preprocess

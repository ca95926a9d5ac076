// WordPiece: a word is cut from the left into the longest tokens there are.
#pragma once

#include <cstddef>
#include <memory>

#include "preprocess/byte_trie.h"
#include "preprocess/word_model.h"

namespace skein::preprocess {

class WordPiece : public WordModel {
 public:
  static Result<std::unique_ptr<WordModel>> create(const TokenizerNode& model,
                                                   const Vocabulary& vocabulary);
  void tokenize(std::string_view word, std::vector<uint32_t>& ids) const override;

 private:
  WordPiece() = default;

  ByteTrie tokens_;
  uint32_t inner_ = 0;  // node of the prefix of tokens inside a word; kNowhere: there are none
  uint32_t unknown_ = 0;
  size_t max_characters_ = 0;  // longer words are unknown
};

}  // namespace skein::preprocess

// What turns a word into token ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"

namespace skein::preprocess {

class TokenizerNode;

// Token to id, as the tokenizer file has them.
using Vocabulary = std::unordered_map<std::string, uint32_t>;
Result<Vocabulary> read_vocabulary(const TokenizerNode& model);

// Immutable, shared by threads.
class WordModel {
 public:
  virtual ~WordModel() = default;
  // Appends the ids of `word`: well-formed UTF-8, not empty.
  virtual void tokenize(std::string_view word, std::vector<uint32_t>& ids) const = 0;
};

}  // namespace skein::preprocess

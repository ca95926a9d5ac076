#include "preprocess/word_piece.h"

#include <algorithm>

#include "base/quote.h"
#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {

Result<std::unique_ptr<WordModel>> WordPiece::create(const TokenizerNode& model,
                                                     const Vocabulary& vocabulary) {
  Result<std::string_view> unknown = model.text("unk_token");
  if (!unknown.ok()) return unknown.status();
  Result<std::string_view> prefix = model.text("continuing_subword_prefix");
  if (!prefix.ok()) return prefix.status();
  Result<int64_t> longest = model.number("max_input_chars_per_word", 0, INT32_MAX);
  if (!longest.ok()) return longest.status();
  auto found = vocabulary.find(std::string(unknown.value()));
  if (found == vocabulary.end()) {
    return model.wrong("unk_token " + quote(unknown.value()) + " is not in the vocabulary");
  }
  std::unique_ptr<WordPiece> made(new WordPiece);
  made->tokens_ = ByteTrie({vocabulary.begin(), vocabulary.end()});
  made->inner_ = made->tokens_.walk(ByteTrie::kRoot, prefix.value());
  made->unknown_ = found->second;
  made->max_characters_ = static_cast<size_t>(longest.value());
  return std::unique_ptr<WordModel>(std::move(made));
}

void WordPiece::tokenize(std::string_view word, std::vector<uint32_t>& ids) const {
  auto starts_character = [](char byte) { return (byte & 0xc0) != 0x80; };
  size_t before = ids.size();
  bool known = static_cast<size_t>(std::count_if(word.begin(), word.end(), starts_character)) <=
               max_characters_;
  uint32_t node = ByteTrie::kRoot;
  while (known && !word.empty()) {
    ByteTrie::Found found;
    if (node != ByteTrie::kNowhere) found = tokens_.longest(node, word);
    known = found.size > 0;
    if (known) ids.push_back(static_cast<uint32_t>(found.value));
    word.remove_prefix(found.size);
    node = inner_;
  }
  if (!known) {
    ids.resize(before);
    ids.push_back(unknown_);
  }
}

}  // namespace skein::preprocess

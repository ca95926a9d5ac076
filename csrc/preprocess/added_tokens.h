// Tokens that are matched in the text itself, before it is cut into words: special ones and those
// added after training.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "preprocess/byte_trie.h"

namespace skein::preprocess {

struct AddedToken {
  std::string content;
  uint32_t id = 0;
  bool single_word = false;  // matches only between characters that are not of words
  bool strip_left = false;   // takes the white space before it along
  bool strip_right = false;  // and that behind it
  bool normalized = false;   // is looked for in the normalized text, else in the text as it came
};

// Bytes [begin, end) of a text: a token that was found, or (kNone) text between tokens.
struct TextPart {
  static constexpr int64_t kNone = -1;
  size_t begin;
  size_t end;
  int64_t id = kNone;
};

// Immutable, shared by threads.
class AddedTokens {
 public:
  AddedTokens() = default;
  // Contents are distinct and not empty.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  bool empty() const { return tokens_.empty(); }
  // Appends the parts of `text`, none of them empty unless a token is. Leftmost longest matches.
  void split(std::string_view text, std::vector<TextPart>& parts) const;

 private:
  std::vector<AddedToken> tokens_;
  ByteTrie trie_;  // content -> index into tokens_
  std::array<bool, 256> starts_{};
};

}  // namespace skein::preprocess

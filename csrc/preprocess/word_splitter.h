// How a tokenizer file cuts a normalized text into words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "preprocess/word_patterns.h"

namespace skein::preprocess {

class TokenizerNode;

// Words as ranges of one text.
struct Words {
  struct Range {
    size_t begin;
    size_t end;
  };
  std::string text;
  std::vector<Range> ranges;

  std::string_view word(Range range) const {
    return std::string_view(text).substr(range.begin, range.end - range.begin);
  }
};

// Immutable, shared by threads.
class WordSplitter {
 public:
  // `pre_tokenizer` of a tokenizer file; nullopt: it has none.
  static Result<WordSplitter> read(const std::optional<TokenizerNode>& node);

  // Whether words go to the model as bytes, in the alphabet of byte_level.h.
  bool byte_level() const { return byte_level_; }
  // Cuts the one word in `words`; `spare` is working memory.
  void apply(Words& words, Words& spare) const;

 private:
  enum class Kind : uint8_t {
    kBert,
    kSpace,        // characters
    kNumeric,      //
    kPunctuation,  //
    kNotWord,      // what is neither \w+ nor [^\w\s]+
    kString,
    kPattern,
    kBlank,  // puts one before every word that has none
    kMetaspace,
  };
  enum class Behavior : uint8_t { kRemoved, kIsolated, kPrevious, kNext, kContiguous };
  struct Match {
    size_t begin;
    size_t end;
    bool is_match;
  };
  struct Step {
    Kind kind = Kind::kBert;
    Behavior behavior = Behavior::kRemoved;
    bool invert = false;
    WordPattern pattern = WordPattern::kGpt2;
    std::string text;      // kString: what is looked for; kMetaspace: its replacement for blanks
    bool prepend = false;  // kMetaspace: before words that do not begin with it
  };

  Status add(const TokenizerNode& node, int depth);
  Status add_byte_level(const TokenizerNode& node);
  Status add_split(const TokenizerNode& node);
  Status add_metaspace(const TokenizerNode& node);
  Status add_characters(Kind kind, Behavior behavior);
  static Result<Behavior> read_behavior(const TokenizerNode& node, Behavior otherwise);

  static void run(const Step& step, Words& words, Words& spare);
  static void rewrite(const Step& step, Words& words, Words& spare);
  static void cut(const Step& step, std::string_view text, Words::Range word,
                  std::vector<Words::Range>& ranges);
  static void find(const Step& step, std::string_view word, std::vector<Match>& matches);
  static void keep(Behavior behavior, const std::vector<Match>& matches, size_t begin,
                   std::vector<Words::Range>& ranges);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace skein::preprocess

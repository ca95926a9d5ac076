// What a tokenizer file does to a text before it is cut into words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "preprocess/unicode.h"

namespace skein::preprocess {

class TokenizerNode;

// Immutable, shared by threads.
class TextNormalizer {
 public:
  // `normalizer` of a tokenizer file; nullopt: it has none.
  static Result<TextNormalizer> read(const std::optional<TokenizerNode>& node);

  // `text` is well-formed UTF-8 before and after.
  void apply(std::string& text) const {
    for (const Step& step : steps_) run(step, text);
  }
  bool empty() const { return steps_.empty(); }

 private:
  enum class Kind : uint8_t { kBert, kLower, kForm, kStripAccents, kStrip, kReplace, kPrepend };
  struct Step {
    Kind kind = Kind::kBert;
    NormalForm form = NormalForm::kNfd;
    bool clean = false;    // kBert: without control characters, all white space a blank
    bool chinese = false;  // kBert: blanks around Chinese characters
    bool accents = false;  // kBert: without them
    bool lower = false;    // kBert
    bool left = false;     // kStrip
    bool right = false;    // kStrip
    std::string pattern;   // kReplace, not empty
    std::string content;   // kReplace, kPrepend
  };

  Status add(const TokenizerNode& node, int depth);
  Status add_bert(const TokenizerNode& node);
  Status add_strip(const TokenizerNode& node);
  Status add_replace(const TokenizerNode& node);
  Status add_form(std::string_view type);
  static void run(const Step& step, std::string& text);
  static void run_bert(const Step& step, std::string& text);
  static void run_bert_ascii(const Step& step, std::string& text);

  std::vector<Step> steps_;
};

}  // namespace skein::preprocess

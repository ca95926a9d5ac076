// Text to token ids, as Hugging Face tokenizers does it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/text_spec.h"
#include "preprocess/tokenizer_file.h"

namespace skein::preprocess {

// Immutable, shared by threads.
class Tokenizer {
 public:
  // INVALID_ARGUMENT or UNIMPLEMENTED when `json`, a tokenizer.json, or the two together are wrong.
  static Result<std::shared_ptr<const Tokenizer>> create(std::string_view json,
                                                         const TextSpec& spec);

  // Appends the ids of `text`, special ones included, max_length() at most. INVALID_ARGUMENT when
  // it is not UTF-8 or too long; nothing is appended then.
  Status encode(std::string_view text, std::vector<uint32_t>& ids) const;

  const TokenFrame& frame() const { return file_.frame; }
  size_t max_length() const { return max_length_; }
  uint32_t pad_id() const { return file_.pad_id; }
  uint32_t pad_type() const { return file_.pad_type; }

 private:
  struct Workspace;

  Tokenizer(TokenizerFile file, const TextSpec& spec);
  Status check(std::string_view text) const;
  // Each appends the ids of its part of a text until enough() are there.
  void encode_text(std::string_view text, Workspace& work, std::vector<uint32_t>& ids) const;
  void encode_part(std::string_view part, Workspace& work, std::vector<uint32_t>& ids) const;
  void encode_words(std::string_view part, Workspace& work, std::vector<uint32_t>& ids) const;
  void encode_word(std::string_view word, std::vector<uint32_t>& ids) const;

  TokenizerFile file_;
  size_t max_length_;
  size_t room_;  // of max_length_, without the frame
  size_t max_bytes_;
  TextTruncation truncation_;
  uint32_t number_;  // tells the words of this tokenizer from those of others
};

}  // namespace skein::preprocess

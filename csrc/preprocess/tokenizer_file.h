// The parts of a Hugging Face tokenizer.json that turn text into ids.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "base/text_spec.h"
#include "preprocess/added_tokens.h"
#include "preprocess/text_normalizer.h"
#include "preprocess/token_frame.h"
#include "preprocess/word_model.h"
#include "preprocess/word_splitter.h"

namespace skein::preprocess {

struct TokenizerFile {
  TextNormalizer normalizer;
  WordSplitter splitter;
  std::unique_ptr<const WordModel> model;
  AddedTokens as_written;  // matched in the text as it came
  AddedTokens normalized;  // and in the normalized text
  TokenFrame frame;
  uint32_t pad_id = 0;
  uint32_t pad_type = 0;
  int64_t max_length = 0;  // 0: the file has none
  TextTruncation truncation = TextTruncation::kRight;
};

// INVALID_ARGUMENT when `json` is no tokenizer file; UNIMPLEMENTED, with the name of the part, when
// it asks for something that would give other ids here than with Hugging Face tokenizers.
Result<TokenizerFile> read_tokenizer_file(std::string_view json);

}  // namespace skein::preprocess

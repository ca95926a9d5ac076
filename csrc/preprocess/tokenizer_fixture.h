// Small tokenizer files for tests and fuzzers.
#pragma once

#include <string>

namespace skein::preprocess::testing {

inline const std::string kWordPieceFile = R"({
  "version": "1.0",
  "added_tokens": [
    {"id": 0, "content": "[PAD]", "special": true},
    {"id": 4, "content": "[MASK]", "lstrip": true, "special": true},
    {"id": 12, "content": "New", "single_word": true, "normalized": true}],
  "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                 "strip_accents": null, "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 10,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "un": 5,
                      "##aff": 6, "##able": 7, "a": 8, "##a": 9, ",": 10, "i": 11}}
})";

// Byte-level, with the bytes of "a", "b", "c" and the blank only.
inline const std::string kBytePairFile = R"({
  "version": "1.0",
  "added_tokens": [{"id": 8, "content": "<|end|>", "rstrip": true, "special": true}],
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
  "post_processor": {"type": "ByteLevel"},
  "model": {"type": "BPE", "unk_token": null,
            "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "bc": 5, "abc": 6, "Ġabc": 7},
            "merges": [["b", "c"], ["a", "bc"], ["a", "b"], ["Ġ", "abc"]]}
})";

}  // namespace skein::preprocess::testing

// The regular expressions that byte-level tokenizers cut words with, written out as code. Each of
// them matches at every place, so the matches follow each other without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skein::preprocess {

enum class WordPattern : uint8_t {
  kGpt2,
  kLlama3,  // GPT-4's, numbers of up to three digits
  kQwen2,   // the same, each digit alone
};

inline constexpr std::string_view kGpt2Expression =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kLlama3Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kQwen2Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// nullopt: none of the three.
std::optional<WordPattern> word_pattern(std::string_view expression);

// The size of the match at the start of `text`, which is not empty.
size_t match(WordPattern pattern, std::string_view text);

}  // namespace skein::preprocess

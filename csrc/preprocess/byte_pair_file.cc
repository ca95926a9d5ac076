// BytePair from a tokenizer.json.
#include <algorithm>

#include "base/quote.h"
#include "base/utf8.h"
#include "preprocess/byte_level.h"
#include "preprocess/byte_pair.h"
#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {
namespace {

// "<0x0A>", how byte_fallback spells a byte.
std::string fallback_token(int byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + ">";
}

Status refuse_text(const TokenizerNode& model, std::string_view key) {
  Result<std::optional<std::string_view>> text = model.optional_text(key);
  if (!text.ok()) return text.status();
  if (!text->has_value() || text.value()->empty()) return {};
  return model.unsupported(std::string(key) + " " + quote(*text.value()), "null");
}

// The two tokens of "left right" or ["left", "right"].
Result<std::pair<std::string, std::string>> read_pair(const TokenizerNode& merge) {
  if (Result<std::string_view> line = merge.as_text(); line.ok()) {
    size_t blank = line->find(' ');
    if (blank == std::string_view::npos || line->find(' ', blank + 1) != std::string_view::npos) {
      return merge.wrong("should be two tokens with one space between them");
    }
    return std::pair(std::string(line->substr(0, blank)), std::string(line->substr(blank + 1)));
  }
  std::vector<std::string> tokens;
  Status status = merge.each([&](const TokenizerNode& token) {
    Result<std::string_view> text = token.as_text();
    if (text.ok()) tokens.emplace_back(text.value());
    return text.ok() ? Status() : text.status();
  });
  if (!status.ok()) return status;
  if (tokens.size() != 2) return merge.wrong("should be two tokens");
  return std::pair(std::move(tokens[0]), std::move(tokens[1]));
}

}  // namespace

Result<std::unique_ptr<WordModel>> BytePair::create(const TokenizerNode& model,
                                                    const Vocabulary& vocabulary, bool byte_level) {
  std::unique_ptr<BytePair> made(new BytePair);
  made->byte_level_ = byte_level;
  made->read_bytes(vocabulary);
  if (Status status = made->read_options(model, vocabulary); !status.ok()) return status;
  if (Status status = made->read_merges(model, vocabulary); !status.ok()) return status;
  return std::unique_ptr<WordModel>(std::move(made));
}

void BytePair::read_bytes(const Vocabulary& vocabulary) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string token;
    append_character(byte_level_character(static_cast<unsigned char>(byte)), token);
    auto found = vocabulary.find(byte_level_ ? token : fallback_token(byte));
    bytes_[byte] = found == vocabulary.end() ? ByteTrie::kNone : found->second;
  }
  std::vector<std::pair<std::string, int64_t>> entries;
  for (const auto& [token, id] : vocabulary) {
    std::optional<std::string> bytes = byte_level_ ? byte_level_bytes(token) : token;
    if (bytes) entries.emplace_back(std::move(*bytes), id);
  }
  tokens_ = ByteTrie(std::move(entries));
}

bool BytePair::every_byte_is_known() const {
  return byte_level_ && std::find(bytes_.begin(), bytes_.end(), ByteTrie::kNone) == bytes_.end();
}

Status BytePair::read_options(const TokenizerNode& model, const Vocabulary& vocabulary) {
  if (std::optional<TokenizerNode> dropout = model.member("dropout")) {
    if (!dropout->is_zero()) return dropout->unsupported("random dropout", "null");
  }
  for (std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (Status status = refuse_text(model, key); !status.ok()) return status;
  }
  Result<bool> fuse = model.flag("fuse_unk", false);
  if (!fuse.ok()) return fuse.status();
  Result<bool> fallback = model.flag("byte_fallback", false);
  if (!fallback.ok()) return fallback.status();
  Result<bool> ignore = model.flag("ignore_merges", false);
  if (!ignore.ok()) return ignore.status();
  fuse_unknown_ = fuse.value();
  byte_fallback_ = fallback.value() && !byte_level_;  // every byte has a token of its own there
  ignore_merges_ = ignore.value();
  if (fallback.value() && byte_level_) {
    return model.unsupported("byte_fallback after ByteLevel", "either of the two");
  }
  Result<std::optional<std::string_view>> unknown = model.optional_text("unk_token");
  if (!unknown.ok()) return unknown.status();
  if (!unknown->has_value() || every_byte_is_known()) return {};
  auto found = vocabulary.find(std::string(*unknown.value()));
  if (found == vocabulary.end()) {
    return model.wrong("unk_token " + quote(*unknown.value()) + " is not in the vocabulary");
  }
  unknown_ = found->second;
  return {};
}

Status BytePair::read_merges(const TokenizerNode& model, const Vocabulary& vocabulary) {
  Result<TokenizerNode> merges = model.required("merges");
  if (!merges.ok()) return merges.status();
  std::vector<MergeRule> rules;
  Status status = merges->each([&](const TokenizerNode& merge) {
    if (Result<std::string_view> line = merge.as_text(); line.ok() && line->starts_with("#version"))
      return Status();
    Result<std::pair<std::string, std::string>> pair = read_pair(merge);
    if (!pair.ok()) return pair.status();
    auto id_of = [&](const std::string& token) {
      auto found = vocabulary.find(token);
      return found == vocabulary.end() ? ByteTrie::kNone : found->second;
    };
    int64_t left = id_of(pair->first);
    int64_t right = id_of(pair->second);
    int64_t merged = id_of(pair->first + pair->second);
    if (left < 0 || right < 0 || merged < 0) {
      return merge.wrong("a token, or the two together, is not in the vocabulary");
    }
    rules.push_back({static_cast<uint32_t>(left), static_cast<uint32_t>(right),
                     static_cast<uint32_t>(rules.size()), static_cast<uint32_t>(merged)});
    return Status();
  });
  if (!status.ok()) return status;
  merges_ = MergeTable(rules);
  return {};
}

}  // namespace skein::preprocess

#include "preprocess/tokenizer_file.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/quote.h"
#include "preprocess/byte_pair.h"
#include "preprocess/tokenizer_node.h"
#include "preprocess/word_piece.h"

namespace skein::preprocess {
namespace {

Status read_truncation(const TokenizerNode& file, TokenizerFile& made) {
  std::optional<TokenizerNode> node = file.member("truncation");
  if (!node) return {};
  Result<int64_t> longest = node->number("max_length", 1, INT32_MAX);
  if (!longest.ok()) return longest.status();
  made.max_length = longest.value();
  Result<std::optional<std::string_view>> direction = node->optional_text("direction");
  if (!direction.ok()) return direction.status();
  std::string_view name = direction->value_or("Right");
  if (name != "Right" && name != "Left") {
    return node->wrong("direction " + quote(name) + " should be Right or Left");
  }
  if (name == "Left") made.truncation = TextTruncation::kLeft;
  return {};
}

// Rows are padded with the file's ids, where it has them; how far is the request's affair.
Status read_padding(const TokenizerNode& file, const Vocabulary& vocabulary, TokenizerFile& made) {
  std::optional<TokenizerNode> node = file.member("padding");
  if (!node) {
    for (const char* token : {"[PAD]", "<pad>"}) {
      if (auto found = vocabulary.find(token); found != vocabulary.end()) {
        made.pad_id = found->second;
        break;
      }
    }
    return {};
  }
  Result<std::optional<std::string_view>> direction = node->optional_text("direction");
  if (!direction.ok()) return direction.status();
  if (direction->value_or("Right") != "Right") {
    return node->unsupported("direction " + quote(**direction), "Right");
  }
  Result<int64_t> id = node->number("pad_id", 0, INT32_MAX);
  if (!id.ok()) return id.status();
  Result<int64_t> type = node->number("pad_type_id", 0, INT32_MAX);
  if (!type.ok()) return type.status();
  made.pad_id = static_cast<uint32_t>(id.value());
  made.pad_type = static_cast<uint32_t>(type.value());
  return {};
}

Status read_model(const TokenizerNode& file, Vocabulary& vocabulary, TokenizerFile& made) {
  Result<TokenizerNode> model = file.required("model");
  if (!model.ok()) return model.status();
  Result<std::string_view> type = model->text("type");
  if (!type.ok()) return type.status();
  bool word_piece = type.value() == "WordPiece";
  if (!word_piece && type.value() != "BPE") {
    return model->unsupported("type " + quote(type.value()), "BPE, WordPiece");
  }
  if (word_piece && made.splitter.byte_level()) {
    return model->unsupported("WordPiece after ByteLevel", "BPE after ByteLevel");
  }
  Result<Vocabulary> tokens = read_vocabulary(*model);
  if (!tokens.ok()) return tokens.status();
  vocabulary = std::move(tokens).value();
  Result<std::unique_ptr<WordModel>> words =
      word_piece ? WordPiece::create(*model, vocabulary)
                 : BytePair::create(*model, vocabulary, made.splitter.byte_level());
  if (!words.ok()) return words.status();
  made.model = std::move(words).value();
  return {};
}

Result<AddedToken> read_added_token(const TokenizerNode& node, const TextNormalizer& normalizer) {
  AddedToken token;
  Result<std::string_view> content = node.text("content");
  if (!content.ok()) return content.status();
  token.content = std::string(content.value());
  Result<int64_t> id = node.number("id", 0, INT32_MAX);
  if (!id.ok()) return id.status();
  token.id = static_cast<uint32_t>(id.value());
  struct Flag {
    const char* key;
    bool AddedToken::*field;
  };
  for (Flag flag :
       {Flag{"single_word", &AddedToken::single_word}, Flag{"lstrip", &AddedToken::strip_left},
        Flag{"rstrip", &AddedToken::strip_right}, Flag{"normalized", &AddedToken::normalized}}) {
    Result<bool> value = node.flag(flag.key, false);
    if (!value.ok()) return value.status();
    token.*flag.field = value.value();
  }
  if (token.normalized) normalizer.apply(token.content);
  if (token.content.empty()) return node.wrong("there is nothing to look for in a text");
  return token;
}

// Hugging Face numbers added tokens by itself; a file that says otherwise is refused.
class AddedIds {
 public:
  explicit AddedIds(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  Status check(const TokenizerNode& node, uint32_t id) {
    Result<std::string_view> content = node.text("content");
    if (!content.ok()) return content.status();
    uint32_t expected = id_of(std::string(content.value()));
    if (id == expected) return {};
    return node.wrong("token " + quote(content.value()) + " has id " + std::to_string(id) +
                      ", but loading this file numbers it " + std::to_string(expected));
  }

 private:
  uint32_t id_of(const std::string& content) {
    if (auto found = added_.find(content); found != added_.end()) return found->second;
    auto found = vocabulary_.find(content);
    uint32_t id = found != vocabulary_.end() ? found->second : next_++;
    return added_[content] = id;
  }

  const Vocabulary& vocabulary_;
  uint32_t next_ = static_cast<uint32_t>(vocabulary_.size());
  std::unordered_map<std::string, uint32_t> added_;
};

Status read_added_tokens(const TokenizerNode& file, Vocabulary& vocabulary, TokenizerFile& made) {
  std::optional<TokenizerNode> nodes = file.member("added_tokens");
  if (!nodes) return {};
  std::vector<AddedToken> found[2];  // by normalized
  std::unordered_set<std::string> contents[2];
  AddedIds ids(vocabulary);
  Status status = nodes->each([&](const TokenizerNode& node) {
    Result<AddedToken> token = read_added_token(node, made.normalizer);
    if (!token.ok()) return token.status();
    if (Status checked = ids.check(node, token->id); !checked.ok()) return checked;
    bool normalized = token->normalized;
    if (!contents[normalized].insert(token->content).second) {
      return node.wrong("another token reads " + quote(token->content) + " too");
    }
    found[normalized].push_back(std::move(token).value());
    return Status();
  });
  if (!status.ok()) return status;
  for (const std::vector<AddedToken>& tokens : found) {
    for (const AddedToken& token : tokens) vocabulary.emplace(token.content, token.id);
  }
  made.as_written = AddedTokens(std::move(found[0]));
  made.normalized = AddedTokens(std::move(found[1]));
  return {};
}

Result<TokenizerFile> read(const TokenizerNode& file) {
  Result<std::optional<std::string_view>> version = file.optional_text("version");
  if (!version.ok()) return version.status();
  if (version->value_or("1.0") != "1.0") {
    return file.unsupported("version " + quote(**version), "1.0");
  }
  TokenizerFile made;
  Result<TextNormalizer> normalizer = TextNormalizer::read(file.member("normalizer"));
  if (!normalizer.ok()) return normalizer.status();
  made.normalizer = std::move(normalizer).value();
  Result<WordSplitter> splitter = WordSplitter::read(file.member("pre_tokenizer"));
  if (!splitter.ok()) return splitter.status();
  made.splitter = std::move(splitter).value();
  Result<TokenFrame> frame = read_token_frame(file.member("post_processor"));
  if (!frame.ok()) return frame.status();
  made.frame = std::move(frame).value();
  Vocabulary vocabulary;
  if (Status status = read_model(file, vocabulary, made); !status.ok()) return status;
  if (Status status = read_added_tokens(file, vocabulary, made); !status.ok()) return status;
  if (Status status = read_truncation(file, made); !status.ok()) return status;
  if (Status status = read_padding(file, vocabulary, made); !status.ok()) return status;
  return made;
}

}  // namespace

Result<TokenizerFile> read_tokenizer_file(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::padded_string padded(json);
  if (simdjson::error_code error = parser.parse(padded).get(root)) {
    return invalid_argument(std::string("tokenizer file: not JSON: ") +
                            simdjson::error_message(error));
  }
  if (!root.is_object()) return invalid_argument("tokenizer file: should be an object");
  return read(TokenizerNode(root, ""));
}

}  // namespace skein::preprocess

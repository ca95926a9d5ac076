#include "preprocess/token_frame.h"

#include <map>
#include <string>

#include "base/quote.h"
#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {
namespace {

constexpr char kSupported[] =
    "BertProcessing, RobertaProcessing, TemplateProcessing, ByteLevel, Sequence of one of these "
    "and ByteLevel";

// The id of ["[SEP]", 102] under `key`.
Result<FrameToken> read_token(const TokenizerNode& node, std::string_view key) {
  Result<TokenizerNode> pair = node.required(key);
  if (!pair.ok()) return pair.status();
  std::optional<int64_t> id;
  size_t index = 0;
  Status status = pair->each([&](const TokenizerNode& part) {
    if (index++ != 1) return Status();
    Result<int64_t> number = part.as_number(0, INT32_MAX);
    if (number.ok()) id = number.value();
    return number.ok() ? Status() : number.status();
  });
  if (!status.ok()) return status;
  if (!id) return pair->wrong("should be a token and its id");
  return FrameToken{static_cast<uint32_t>(*id), 0};
}

Result<TokenFrame> read_pair_frame(const TokenizerNode& node) {
  Result<FrameToken> first = read_token(node, "cls");
  if (!first.ok()) return first.status();
  Result<FrameToken> last = read_token(node, "sep");
  if (!last.ok()) return last.status();
  return TokenFrame{{first.value()}, {last.value()}, 0};
}

using TokenIds = std::map<std::string, std::vector<uint32_t>, std::less<>>;

Result<TokenIds> read_special_tokens(const TokenizerNode& node) {
  Result<TokenizerNode> tokens = node.required("special_tokens");
  if (!tokens.ok()) return tokens.status();
  TokenIds found;
  Status status = tokens->each_member([&](std::string_view name, simdjson::dom::element value) {
    TokenizerNode token(value, tokens->place() + "." + std::string(name));
    Result<TokenizerNode> ids = token.required("ids");
    if (!ids.ok()) return ids.status();
    return ids->each([&](const TokenizerNode& element) {
      Result<int64_t> id = element.as_number(0, INT32_MAX);
      if (id.ok()) found[std::string(name)].push_back(static_cast<uint32_t>(id.value()));
      return id.ok() ? Status() : id.status();
    });
  });
  if (!status.ok()) return status;
  return found;
}

// One piece of a template, added to `frame`. `text_seen`: its text stands before this piece.
Status read_piece(const TokenizerNode& piece, const TokenIds& tokens, TokenFrame& frame,
                  bool& text_seen) {
  bool is_text = piece.member("Sequence").has_value();
  Result<TokenizerNode> body = piece.required(is_text ? "Sequence" : "SpecialToken");
  if (!body.ok()) return body.status();
  Result<std::string_view> id = body->text("id");
  if (!id.ok()) return id.status();
  Result<int64_t> type = body->number("type_id", 0, INT32_MAX);
  if (!type.ok()) return type.status();
  uint32_t type_id = static_cast<uint32_t>(type.value());
  if (is_text) {
    if (id.value() != "A" || text_seen) {
      return body->unsupported("a second text", "each template with sequence A once");
    }
    text_seen = true;
    frame.type = type_id;
    return {};
  }
  auto found = tokens.find(id.value());
  if (found == tokens.end()) {
    return body->wrong(quote(id.value()) + " is not in special_tokens");
  }
  std::vector<FrameToken>& side = text_seen ? frame.after : frame.before;
  for (uint32_t token : found->second) side.push_back({token, type_id});
  return {};
}

Result<TokenFrame> read_template(const TokenizerNode& node) {
  Result<TokenIds> tokens = read_special_tokens(node);
  if (!tokens.ok()) return tokens.status();
  Result<TokenizerNode> pieces = node.required("single");
  if (!pieces.ok()) return pieces.status();
  TokenFrame frame;
  bool text_seen = false;
  Status status = pieces->each([&](const TokenizerNode& piece) {
    return read_piece(piece, tokens.value(), frame, text_seen);
  });
  if (!status.ok()) return status;
  if (!text_seen) return pieces->unsupported("a template without text", "sequence A once");
  return frame;
}

Result<TokenFrame> read_processor(const TokenizerNode& node, bool inside);

Result<TokenFrame> read_sequence(const TokenizerNode& node) {
  Result<TokenizerNode> parts = node.required("processors");
  if (!parts.ok()) return parts.status();
  std::optional<TokenFrame> frame;
  Status status = parts->each([&](const TokenizerNode& part) {
    Result<std::string_view> type = part.text("type");
    if (!type.ok()) return type.status();
    if (type.value() == "ByteLevel") return Status();
    if (frame) return part.unsupported("a second processor with special tokens", kSupported);
    Result<TokenFrame> read = read_processor(part, true);
    if (read.ok()) frame = read.value();
    return read.ok() ? Status() : read.status();
  });
  if (!status.ok()) return status;
  return frame.value_or(TokenFrame{});
}

Result<TokenFrame> read_processor(const TokenizerNode& node, bool inside) {
  Result<std::string_view> type = node.text("type");
  if (!type.ok()) return type.status();
  if (type.value() == "ByteLevel") return TokenFrame{};  // concerns offsets only
  if (type.value() == "BertProcessing" || type.value() == "RobertaProcessing") {
    return read_pair_frame(node);
  }
  if (type.value() == "TemplateProcessing") return read_template(node);
  if (type.value() == "Sequence" && !inside) return read_sequence(node);
  return node.unsupported("type " + quote(type.value()), kSupported);
}

}  // namespace

Result<TokenFrame> read_token_frame(const std::optional<TokenizerNode>& node) {
  if (!node) return TokenFrame{};
  return read_processor(*node, false);
}

}  // namespace skein::preprocess

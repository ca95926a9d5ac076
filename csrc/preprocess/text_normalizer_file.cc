// TextNormalizer from a tokenizer.json.
#include <algorithm>

#include "base/quote.h"
#include "preprocess/text_normalizer.h"
#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {
namespace {

constexpr int kMaxDepth = 8;  // of sequences
constexpr char kSupported[] =
    "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence, Strip, "
    "StripAccents";

struct FormName {
  std::string_view name;
  NormalForm form;
};
constexpr FormName kForms[] = {{"NFD", NormalForm::kNfd},
                               {"NFKD", NormalForm::kNfkd},
                               {"NFC", NormalForm::kNfc},
                               {"NFKC", NormalForm::kNfkc}};

}  // namespace

Result<TextNormalizer> TextNormalizer::read(const std::optional<TokenizerNode>& node) {
  TextNormalizer made;
  if (!node) return made;
  if (Status status = made.add(*node, 0); !status.ok()) return status;
  return made;
}

Status TextNormalizer::add(const TokenizerNode& node, int depth) {
  Result<std::string_view> found = node.text("type");
  if (!found.ok()) return found.status();
  std::string_view type = found.value();
  if (type == "Sequence" && depth < kMaxDepth) {
    Result<TokenizerNode> parts = node.required("normalizers");
    if (!parts.ok()) return parts.status();
    return parts->each([&](const TokenizerNode& part) { return add(part, depth + 1); });
  }
  if (type == "BertNormalizer") return add_bert(node);
  if (type == "Strip") return add_strip(node);
  if (type == "Replace") return add_replace(node);
  if (type == "Prepend") {
    Result<std::string_view> content = node.text("prepend");
    if (!content.ok()) return content.status();
    steps_.push_back({.kind = Kind::kPrepend, .content = std::string(content.value())});
    return {};
  }
  if (type == "Lowercase") {
    steps_.push_back({.kind = Kind::kLower});
    return {};
  }
  if (type == "StripAccents") {
    steps_.push_back({.kind = Kind::kStripAccents});
    return {};
  }
  for (const FormName& form : kForms) {
    if (form.name != type) continue;
    steps_.push_back({.kind = Kind::kForm, .form = form.form});
    return {};
  }
  return node.unsupported("type " + quote(type), kSupported);
}

Status TextNormalizer::add_bert(const TokenizerNode& node) {
  Result<bool> clean = node.flag("clean_text", true);
  if (!clean.ok()) return clean.status();
  Result<bool> chinese = node.flag("handle_chinese_chars", true);
  if (!chinese.ok()) return chinese.status();
  Result<bool> lower = node.flag("lowercase", true);
  if (!lower.ok()) return lower.status();
  Result<bool> accents = node.flag("strip_accents", lower.value());
  if (!accents.ok()) return accents.status();
  steps_.push_back({.kind = Kind::kBert,
                    .clean = clean.value(),
                    .chinese = chinese.value(),
                    .accents = accents.value(),
                    .lower = lower.value()});
  return {};
}

Status TextNormalizer::add_strip(const TokenizerNode& node) {
  Result<bool> left = node.flag("strip_left", true);
  if (!left.ok()) return left.status();
  Result<bool> right = node.flag("strip_right", true);
  if (!right.ok()) return right.status();
  steps_.push_back({.kind = Kind::kStrip, .left = left.value(), .right = right.value()});
  return {};
}

Status TextNormalizer::add_replace(const TokenizerNode& node) {
  Result<TokenizerNode> pattern = node.required("pattern");
  if (!pattern.ok()) return pattern.status();
  if (!pattern->member("String")) {
    return pattern->unsupported("a regular expression", "String");
  }
  Result<std::string_view> text = pattern->text("String");
  if (!text.ok()) return text.status();
  if (text->empty()) return pattern->unsupported("the empty String", "text to be replaced");
  Result<std::string_view> content = node.text("content");
  if (!content.ok()) return content.status();
  steps_.push_back({.kind = Kind::kReplace,
                    .pattern = std::string(text.value()),
                    .content = std::string(content.value())});
  return {};
}

}  // namespace skein::preprocess

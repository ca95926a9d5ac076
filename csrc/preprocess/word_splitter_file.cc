// WordSplitter from a tokenizer.json.
#include "base/quote.h"
#include "base/utf8.h"
#include "preprocess/tokenizer_node.h"
#include "preprocess/word_splitter.h"

namespace skein::preprocess {
namespace {

constexpr int kMaxDepth = 8;  // of sequences
constexpr char kSupported[] =
    "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, Sequence, "
    "Split, Whitespace, WhitespaceSplit";

// The string under `key`, of one character.
Result<std::string_view> read_character(const TokenizerNode& node, std::string_view key) {
  Result<std::string_view> text = node.text(key);
  if (!text.ok()) return text.status();
  const char* at = text->data();
  if (!text->empty()) next_character(at);
  if (text->empty() || at != text->data() + text->size()) {
    return node.wrong(std::string(key) + " " + quote(text.value()) + " should be one character");
  }
  return text.value();
}

}  // namespace

Result<WordSplitter> WordSplitter::read(const std::optional<TokenizerNode>& node) {
  WordSplitter made;
  if (!node) return made;
  if (Status status = made.add(*node, 0); !status.ok()) return status;
  return made;
}

Status WordSplitter::add_characters(Kind kind, Behavior behavior) {
  steps_.push_back({.kind = kind, .behavior = behavior});
  return {};
}

Status WordSplitter::add(const TokenizerNode& node, int depth) {
  Result<std::string_view> found = node.text("type");
  if (!found.ok()) return found.status();
  std::string_view type = found.value();
  if (byte_level_) return node.unsupported(quote(type) + " after ByteLevel", "ByteLevel last");
  if (type == "Sequence" && depth < kMaxDepth) {
    Result<TokenizerNode> parts = node.required("pretokenizers");
    if (!parts.ok()) return parts.status();
    return parts->each([&](const TokenizerNode& part) { return add(part, depth + 1); });
  }
  if (type == "BertPreTokenizer") return add_characters(Kind::kBert, Behavior::kRemoved);
  if (type == "WhitespaceSplit") return add_characters(Kind::kSpace, Behavior::kRemoved);
  if (type == "Whitespace") return add_characters(Kind::kNotWord, Behavior::kRemoved);
  if (type == "ByteLevel") return add_byte_level(node);
  if (type == "Split") return add_split(node);
  if (type == "Metaspace") return add_metaspace(node);
  if (type == "Punctuation") {
    Result<Behavior> behavior = read_behavior(node, Behavior::kIsolated);
    if (!behavior.ok()) return behavior.status();
    return add_characters(Kind::kPunctuation, behavior.value());
  }
  if (type == "Digits") {
    Result<bool> each = node.flag("individual_digits", false);
    if (!each.ok()) return each.status();
    return add_characters(Kind::kNumeric,
                          each.value() ? Behavior::kIsolated : Behavior::kContiguous);
  }
  if (type == "CharDelimiterSplit") {
    Result<std::string_view> delimiter = read_character(node, "delimiter");
    if (!delimiter.ok()) return delimiter.status();
    steps_.push_back({.kind = Kind::kString, .text = std::string(delimiter.value())});
    return {};
  }
  return node.unsupported("type " + quote(type), kSupported);
}

Result<WordSplitter::Behavior> WordSplitter::read_behavior(const TokenizerNode& node,
                                                           Behavior otherwise) {
  Result<std::optional<std::string_view>> found = node.optional_text("behavior");
  if (!found.ok()) return found.status();
  if (!found->has_value()) return otherwise;
  std::string_view name = *found.value();
  if (name == "Removed") return Behavior::kRemoved;
  if (name == "Isolated") return Behavior::kIsolated;
  if (name == "MergedWithPrevious") return Behavior::kPrevious;
  if (name == "MergedWithNext") return Behavior::kNext;
  if (name == "Contiguous") return Behavior::kContiguous;
  return node.wrong("behavior " + quote(name) +
                    " should be Removed, Isolated, MergedWithPrevious, MergedWithNext or "
                    "Contiguous");
}

Status WordSplitter::add_byte_level(const TokenizerNode& node) {
  Result<bool> prefix = node.flag("add_prefix_space", true);
  if (!prefix.ok()) return prefix.status();
  Result<bool> pattern = node.flag("use_regex", true);
  if (!pattern.ok()) return pattern.status();
  if (prefix.value()) steps_.push_back({.kind = Kind::kBlank});
  if (pattern.value()) {
    steps_.push_back({.kind = Kind::kPattern, .behavior = Behavior::kIsolated});
  }
  byte_level_ = true;
  return {};
}

Status WordSplitter::add_split(const TokenizerNode& node) {
  Result<TokenizerNode> pattern = node.required("pattern");
  if (!pattern.ok()) return pattern.status();
  Result<Behavior> behavior = read_behavior(node, Behavior::kIsolated);
  if (!behavior.ok()) return behavior.status();
  Result<bool> invert = node.flag("invert", false);
  if (!invert.ok()) return invert.status();
  Step step{.behavior = behavior.value(), .invert = invert.value()};
  Result<std::optional<std::string_view>> text = pattern->optional_text("String");
  if (!text.ok()) return text.status();
  if (text->has_value()) {
    if (text.value()->empty()) return pattern->unsupported("the empty String", "text");
    step.kind = Kind::kString;
    step.text = std::string(*text.value());
  } else {
    Result<std::string_view> expression = pattern->text("Regex");
    if (!expression.ok()) return expression.status();
    std::optional<WordPattern> known = word_pattern(expression.value());
    if (!known) {
      return pattern->unsupported("Regex " + quote(expression.value()),
                                  "String, and the Regex of GPT-2, Llama 3 and Qwen 2");
    }
    step.kind = Kind::kPattern;
    step.pattern = *known;
  }
  steps_.push_back(std::move(step));
  return {};
}

Status WordSplitter::add_metaspace(const TokenizerNode& node) {
  Result<std::string_view> replacement = read_character(node, "replacement");
  if (!replacement.ok()) return replacement.status();
  Result<std::optional<std::string_view>> scheme = node.optional_text("prepend_scheme");
  if (!scheme.ok()) return scheme.status();
  Result<bool> prefix = node.flag("add_prefix_space", true);
  if (!prefix.ok()) return prefix.status();
  Result<bool> split = node.flag("split", true);
  if (!split.ok()) return split.status();
  std::string_view prepend = scheme->value_or("always");
  if (prepend != "always" && prepend != "never") {
    return node.unsupported("prepend_scheme " + quote(prepend), "always, never");
  }
  if (!prefix.value() && prepend == "always") {
    return node.wrong("add_prefix_space false contradicts prepend_scheme always");
  }
  std::string text(replacement.value());
  steps_.push_back({.kind = Kind::kMetaspace, .text = text, .prepend = prepend == "always"});
  if (split.value()) {
    steps_.push_back({.kind = Kind::kString, .behavior = Behavior::kNext, .text = text});
  }
  return {};
}

}  // namespace skein::preprocess

#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {

Status TokenizerNode::wrong(const std::string& message) const {
  return invalid_argument("tokenizer file: " + (place_.empty() ? "" : place_ + ": ") + message);
}

Status TokenizerNode::unsupported(const std::string& what, const std::string& supported) const {
  return unimplemented("tokenizer file: " + place_ + ": " + what +
                       " is not supported; supported: " + supported);
}

bool TokenizerNode::is_zero() const {
  double number = 1;
  return value_.get(number) == simdjson::SUCCESS && number == 0;
}

TokenizerNode TokenizerNode::at(std::string_view key, simdjson::dom::element value) const {
  return {value, place_.empty() ? std::string(key) : place_ + "." + std::string(key)};
}

std::optional<TokenizerNode> TokenizerNode::member(std::string_view key) const {
  simdjson::dom::element found;
  if (value_.at_key(key).get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return at(key, found);
}

Result<TokenizerNode> TokenizerNode::required(std::string_view key) const {
  std::optional<TokenizerNode> found = member(key);
  if (!found) return wrong("'" + std::string(key) + "' is missing");
  return *found;
}

Result<std::string_view> TokenizerNode::as_text() const {
  std::string_view text;
  if (value_.get(text) != simdjson::SUCCESS) return wrong("should be a string");
  return text;
}

Result<int64_t> TokenizerNode::as_number(int64_t low, int64_t high) const {
  int64_t number = 0;
  if (value_.get(number) != simdjson::SUCCESS || number < low || number > high) {
    return wrong("should be a whole number from " + std::to_string(low) + " to " +
                 std::to_string(high));
  }
  return number;
}

Result<std::string_view> TokenizerNode::text(std::string_view key) const {
  Result<TokenizerNode> found = required(key);
  if (!found.ok()) return found.status();
  return found->as_text();
}

Result<std::optional<std::string_view>> TokenizerNode::optional_text(std::string_view key) const {
  std::optional<TokenizerNode> found = member(key);
  if (!found) return std::optional<std::string_view>();
  Result<std::string_view> text = found->as_text();
  if (!text.ok()) return text.status();
  return std::optional(text.value());
}

Result<bool> TokenizerNode::flag(std::string_view key, bool otherwise) const {
  std::optional<TokenizerNode> found = member(key);
  if (!found) return otherwise;
  bool flag = false;
  if (found->value_.get(flag) != simdjson::SUCCESS) return found->wrong("should be true or false");
  return flag;
}

Result<int64_t> TokenizerNode::number(std::string_view key, int64_t low, int64_t high) const {
  Result<TokenizerNode> found = required(key);
  if (!found.ok()) return found.status();
  return found->as_number(low, high);
}

Status TokenizerNode::each(const std::function<Status(const TokenizerNode&)>& visit) const {
  simdjson::dom::array elements;
  if (value_.get(elements) != simdjson::SUCCESS) return wrong("should be a list");
  size_t index = 0;
  for (simdjson::dom::element element : elements) {
    TokenizerNode node(element, place_ + "[" + std::to_string(index++) + "]");
    if (Status status = visit(node); !status.ok()) return status;
  }
  return {};
}

Status TokenizerNode::each_member(
    const std::function<Status(std::string_view key, simdjson::dom::element)>& visit) const {
  simdjson::dom::object members;
  if (value_.get(members) != simdjson::SUCCESS) return wrong("should be an object");
  for (simdjson::dom::key_value_pair member : members) {
    if (Status status = visit(member.key, member.value); !status.ok()) return status;
  }
  return {};
}

}  // namespace skein::preprocess

// A value of a tokenizer.json with the place where it stands, for messages.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "preprocess/json_library.h"

namespace skein::preprocess {

// A view: the parser that made `value` outlives it.
class TokenizerNode {
 public:
  TokenizerNode(simdjson::dom::element value, std::string place)
      : value_(value), place_(std::move(place)) {}

  bool is_zero() const;
  const std::string& place() const { return place_; }
  // INVALID_ARGUMENT: "tokenizer file: <place>: <message>".
  Status wrong(const std::string& message) const;
  // UNIMPLEMENTED, naming what is not supported and what is.
  Status unsupported(const std::string& what, const std::string& supported) const;

  // Members of an object; a missing one is like null.
  std::optional<TokenizerNode> member(std::string_view key) const;
  Result<TokenizerNode> required(std::string_view key) const;
  Result<std::string_view> text(std::string_view key) const;
  // nullopt: missing or null.
  Result<std::optional<std::string_view>> optional_text(std::string_view key) const;
  Result<bool> flag(std::string_view key, bool otherwise) const;
  Result<int64_t> number(std::string_view key, int64_t low, int64_t high) const;

  Result<std::string_view> as_text() const;
  Result<int64_t> as_number(int64_t low, int64_t high) const;
  // Each element of an array, each member of an object; stops at the first that is not OK.
  Status each(const std::function<Status(const TokenizerNode&)>& visit) const;
  Status each_member(
      const std::function<Status(std::string_view key, simdjson::dom::element)>& visit) const;

 private:
  TokenizerNode at(std::string_view key, simdjson::dom::element value) const;

  simdjson::dom::element value_;
  std::string place_;  // "model.merges"; empty: the whole file
};

}  // namespace skein::preprocess

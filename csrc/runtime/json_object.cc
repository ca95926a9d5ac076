#include "runtime/json_object.h"

namespace skein::runtime {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool take(char expected) {
    skip_space();
    if (at_end() || text_[position_] != expected) return false;
    ++position_;
    return true;
  }
  bool finished() {
    skip_space();
    return at_end();
  }
  // A quoted string with its quotes; empty when there is none.
  std::string_view quote() {
    skip_space();
    size_t start = position_;
    if (at_end() || text_[position_] != '"') return {};
    for (++position_; !at_end(); ++position_) {
      if (text_[position_] == '\\') {
        ++position_;
      } else if (text_[position_] == '"') {
        ++position_;
        return text_.substr(start, position_ - start);
      }
    }
    return {};
  }
  // Everything up to the comma or brace that ends a member; empty when that never comes.
  std::string_view value() {
    skip_space();
    size_t start = position_;
    int depth = 0;
    while (!at_end()) {
      char c = text_[position_];
      if (c == '"') {
        if (quote().empty()) return {};
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) return trimmed(start);
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++position_;
    }
    return {};
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  void skip_space() {
    while (!at_end() && is_space(text_[position_])) ++position_;
  }
  std::string_view trimmed(size_t start) const {
    size_t end = position_;
    while (end > start && is_space(text_[end - 1])) --end;
    return text_.substr(start, end - start);
  }
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace

std::optional<JsonObject> parse_json_object(std::string_view text) {
  Cursor cursor(text);
  JsonObject object;
  if (!cursor.take('{')) return std::nullopt;
  if (cursor.take('}')) return cursor.finished() ? std::optional(object) : std::nullopt;
  do {
    std::string key(cursor.quote());
    if (key.empty() || !cursor.take(':')) return std::nullopt;
    std::string value(cursor.value());
    if (value.empty()) return std::nullopt;
    object[std::move(key)] = std::move(value);
  } while (cursor.take(','));
  if (!cursor.take('}') || !cursor.finished()) return std::nullopt;
  return object;
}

std::string to_string(const JsonObject& object) {
  std::string text;
  for (const auto& [key, value] : object) text += (text.empty() ? "" : ",") + key + ":" + value;
  return "{" + text + "}";
}

}  // namespace skein::runtime

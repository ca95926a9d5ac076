#include "base/quote.h"

#include <cstdint>

namespace skein {
namespace {

constexpr size_t kLongestQuote = 128;  // bytes; messages travel in headers, which are bounded

bool is_continuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string_view utf8_prefix(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(text[limit])) --limit;
  return text.substr(0, limit);
}

std::string quote(std::string_view text) {
  std::string_view shown = utf8_prefix(text, kLongestQuote);
  std::string result = "'" + std::string(shown) + "'";
  if (shown.size() < text.size()) {
    result += "... (" + std::to_string(text.size()) + " bytes)";
  }
  return result;
}

}  // namespace skein

// Text of clients inside messages to them.
#pragma once

#include <string>
#include <string_view>

namespace skein {

// The longest prefix of `text`, which is UTF-8, of at most `limit` bytes that cuts no character.
std::string_view utf8_prefix(std::string_view text, size_t limit);

// 'text', shortened when a client made it long. `text` must be UTF-8.
std::string quote(std::string_view text);

}  // namespace skein

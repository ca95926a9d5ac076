// Protobuf strings must be UTF-8; its own parsers refuse messages where they are not.
#pragma once

#include <string_view>

#include "base/byte_words.h"
#include "base/status.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8_beyond_ascii(std::string_view text);
inline bool is_utf8(std::string_view text) {
  return none_of_bytes(text, any_above_ascii) || is_utf8_beyond_ascii(text);
}

// Stores the bytes of a string field. INTERNAL naming `field` when they are not UTF-8.
inline bool read_text(Bytes bytes, std::string_view& text) {
  text = as_text(bytes);
  return is_utf8(text);
}
Status bad_utf8(std::string_view field);

}  // namespace skein::protocol

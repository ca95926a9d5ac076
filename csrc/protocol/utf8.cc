#include "protocol/utf8.h"

#include <string>

#include "base/utf8.h"

namespace skein::protocol {

bool is_utf8_beyond_ascii(std::string_view text) { return utf8_valid_size(text) == text.size(); }

Status bad_utf8(std::string_view field) {
  return malformed("string field '" + std::string(field) + "' holds bytes that are not UTF-8");
}

}  // namespace skein::protocol

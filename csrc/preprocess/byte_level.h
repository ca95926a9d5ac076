// The alphabet of byte-level vocabularies: a printable character for each byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skein::preprocess {

char32_t byte_level_character(unsigned char byte);
// The bytes that `token` stands for; nullopt when one of its characters stands for none.
std::optional<std::string> byte_level_bytes(std::string_view token);

}  // namespace skein::preprocess

// Just enough JSON to merge one object into another: members by key, values left as text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace skein::runtime {

// Key (quoted, as written) to value (JSON text).
using JsonObject = std::map<std::string, std::string>;

// nullopt when `text` is not one JSON object. Values are delimited, not validated.
std::optional<JsonObject> parse_json_object(std::string_view text);
std::string to_string(const JsonObject& object);

}  // namespace skein::runtime

// Entries of the protocol's `parameters` maps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// An InferParameter. `text` sees the message's bytes.
struct Parameter {
  enum class Kind : uint8_t { kNone, kBool, kInt64, kString, kDouble, kUint64 };

  Kind kind = Kind::kNone;
  uint64_t bits = 0;  // bool, int64 and uint64 as such, double by its bit pattern
  std::string_view text;

  // Neither absent, false, zero nor empty.
  bool is_set() const;
  // The value with its kind, for messages: "int64_param -3".
  std::string describe() const;
};

struct ParameterEntry {
  std::string_view key;
  Parameter value;
};

// Reads one map entry. INTERNAL when it is no protobuf or a string is not UTF-8.
Status read_parameter(Bytes entry, const std::byte* origin, ParameterEntry& parameter);

}  // namespace skein::protocol

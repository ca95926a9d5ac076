// Values of a JSON row, read strictly as the datatype of their column.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/dtype.h"
#include "base/status.h"
#include "preprocess/json_library.h"

namespace skein::preprocess {

inline constexpr int kDeepestExtra = 32;  // lists and objects inside one another

// A value of a row.
struct Cell {
  enum class State : uint8_t { kAbsent, kNull, kValue };
  State state = State::kAbsent;
  bool escaped = false;  // the text is in the parser's memory, which the next row overwrites
  double number = 0;     // not of text
  int64_t whole = 0;     // of BOOL and integer columns; UINT64 keeps its bits
  std::string_view text;
};

// What the parser found; throws std::bad_alloc when it was out of memory.
Status no_json(simdjson::error_code code);

// Fails with what came in place of a value of `dtype`.
Status read_cell(simdjson::ondemand::value& value, DType dtype, Cell& cell);

// Passes over a value of any type, which must be JSON all the same.
Status pass_value(simdjson::ondemand::value& value);

}  // namespace skein::preprocess

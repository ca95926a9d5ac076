// The schedule of an open loop, from a file that anyone can write (numpy:
// benchmarks/load/trace.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace skein::load {

// One request, as it lies in the file: 16 little-endian bytes, no header.
struct TraceRow {
  int64_t offset_ns;     // when to send, from the start of the run; never below the row before
  uint32_t deadline_us;  // from the offset; 0: none
  uint32_t body;         // index of the --body
};
static_assert(sizeof(TraceRow) == 16);

// At least one row; every body is below `bodies`. Errors name the file and the row.
Result<std::vector<TraceRow>> read_trace(const std::string& file, size_t bodies);

}  // namespace skein::load

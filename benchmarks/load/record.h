// What became of every row of a trace, for whoever wants more than quantiles.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "load/outcome.h"
#include "load/trace.h"

namespace skein::load {

// As it lies in the file: 40 little-endian bytes, no header, in the order of the trace. Times are
// nanoseconds from the start of the run, -1 where it never came to that.
struct RecordRow {
  int64_t scheduled_ns;
  int64_t sent_ns = -1;  // handed to HTTP/2
  int64_t done_ns = -1;  // the answer was complete, or the call given up
  uint32_t deadline_us;
  int32_t pushback_ms = -1;  // grpc-retry-pushback-ms of the answer; -1: it had none
  uint32_t body;
  uint8_t outcome = kNotSent;  // index into kOutcomeNames: gRPC's codes first
  uint8_t in_time = 0;         // 1: done by its deadline, or without one
  uint8_t held = 0;            // 1: no stream was free when it was due
  uint8_t reserved = 0;
};
static_assert(sizeof(RecordRow) == 40);

// One row for each of the trace, not sent so far.
std::vector<RecordRow> blank_record(std::span<const TraceRow> trace);
Status write_record(const std::string& file, std::span<const RecordRow> rows);

}  // namespace skein::load

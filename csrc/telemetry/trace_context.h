// W3C Trace Context: which trace of the caller's a request belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skein::telemetry {

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};  // all zero: there is none
  std::array<uint8_t, 8> span_id{};    // the caller's span
  bool sampled = false;                // the caller records this trace

  bool present() const { return trace_id != decltype(trace_id){}; }
};

// Reads a `traceparent` header. Versions after 00 are read as far as 00 goes, as the standard
// asks. Nothing when it is malformed: then the request is treated as one without a trace.
std::optional<TraceContext> parse_traceparent(std::string_view header);

}  // namespace skein::telemetry

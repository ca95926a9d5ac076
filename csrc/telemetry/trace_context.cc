#include "telemetry/trace_context.h"

#include <algorithm>
#include <span>

namespace skein::telemetry {
namespace {

// "00-" trace id "-" span id "-" flags
constexpr size_t kTraceId = 3, kSpanId = 36, kFlags = 53, kEnd = 55;
constexpr uint8_t kSampled = 0x01;
constexpr uint8_t kNoVersion = 0xff;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;  // upper case too: the standard forbids it
}

// Two digits of `text` for each byte.
bool read_hex(std::string_view text, std::span<uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    int high = hex_digit(text[2 * i]);
    int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

bool all_zero(std::span<const uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < kEnd) return std::nullopt;
  if (header[kTraceId - 1] != '-' || header[kSpanId - 1] != '-' || header[kFlags - 1] != '-') {
    return std::nullopt;
  }
  uint8_t version = 0;
  uint8_t flags = 0;
  TraceContext context;
  if (!read_hex(header, {&version, 1}) || version == kNoVersion ||
      !read_hex(header.substr(kTraceId), context.trace_id) ||
      !read_hex(header.substr(kSpanId), context.span_id) ||
      !read_hex(header.substr(kFlags), {&flags, 1})) {
    return std::nullopt;
  }
  if (header.size() > kEnd && (version == 0 || header[kEnd] != '-')) return std::nullopt;
  if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
  context.sampled = (flags & kSampled) != 0;
  return context;
}

}  // namespace skein::telemetry

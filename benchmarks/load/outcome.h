// How a call ended: gRPC's codes 0 to 16, and the ways to end without one.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace skein::load {

enum Outcome : size_t {
  kOk = 0,
  kResourceExhausted = 8,
  kLastGrpcCode = 16,
  kBadReply,  // status OK, but the message is broken or has the wrong size
  kNoStatus,  // the stream ended without grpc-status
  kConnectionLost,
  kUnfinished,  // no answer within the grace time after the end
  kNotSent,     // the generator's own limit of waiting calls
  kOutcomeCount,
};

inline constexpr std::array<std::string_view, kOutcomeCount> kOutcomeNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
    "BAD_REPLY",
    "NO_STATUS",
    "CONNECTION_LOST",
    "UNFINISHED",
    "NOT_SENT",
};

}  // namespace skein::load

#include "base/status.h"

#include <array>

namespace skein {

std::string_view name(Code code) {
  static constexpr std::array<std::string_view, kCodeCount> kNames = {"OK",
                                                                      "CANCELLED",
                                                                      "INVALID_ARGUMENT",
                                                                      "DEADLINE_EXCEEDED",
                                                                      "NOT_FOUND",
                                                                      "ALREADY_EXISTS",
                                                                      "RESOURCE_EXHAUSTED",
                                                                      "FAILED_PRECONDITION",
                                                                      "UNIMPLEMENTED",
                                                                      "INTERNAL",
                                                                      "UNAVAILABLE"};
  return kNames[static_cast<size_t>(code)];
}

}  // namespace skein

// The only file that knows gRPC's status numbers.
#pragma once

#include <string_view>

#include "base/status.h"

namespace skein::transport {

// The number as it stands in the grpc-status trailer, e.g. "3" for INVALID_ARGUMENT.
std::string_view grpc_status(Code code);

}  // namespace skein::transport

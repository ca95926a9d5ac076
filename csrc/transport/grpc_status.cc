#include "transport/grpc_status.h"

namespace skein::transport {

std::string_view grpc_status(Code code) {
  switch (code) {
    case Code::kOk:
      return "0";
    case Code::kCancelled:
      return "1";
    case Code::kInvalidArgument:
      return "3";
    case Code::kDeadlineExceeded:
      return "4";
    case Code::kNotFound:
      return "5";
    case Code::kAlreadyExists:
      return "6";
    case Code::kResourceExhausted:
      return "8";
    case Code::kFailedPrecondition:
      return "9";
    case Code::kUnimplemented:
      return "12";
    case Code::kInternal:
      return "13";
    case Code::kUnavailable:
      return "14";
  }
  return "2";  // UNKNOWN: no enumerator is left
}

}  // namespace skein::transport

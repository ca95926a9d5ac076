#include "runtime/ort.h"

namespace skein::runtime {
namespace {

const OrtApi* api = nullptr;

Code code_of(OrtErrorCode code) {
  switch (code) {
    case ORT_NO_SUCHFILE:
      return Code::kNotFound;
    case ORT_INVALID_ARGUMENT:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
    case ORT_NO_MODEL:
      return Code::kInvalidArgument;
    case ORT_NOT_IMPLEMENTED:
      return Code::kUnimplemented;
    case ORT_EP_FAIL:
      return Code::kFailedPrecondition;
    default:
      return Code::kInternal;
  }
}

}  // namespace

const OrtApi& ort() { return *api; }
void set_ort(const OrtApi* loaded) { api = loaded; }

Status take(OrtStatus* status) {
  if (status == nullptr) return {};
  Handle<OrtStatus> owner(status);
  return {code_of(ort().GetErrorCode(status)), ort().GetErrorMessage(status)};
}

OrtAllocator* default_allocator() {
  OrtAllocator* allocator = nullptr;
  // Only a null argument makes this call fail.
  Handle<OrtStatus> status(ort().GetAllocatorWithDefaultOptions(&allocator));
  return allocator;
}

}  // namespace skein::runtime

// What ONNX Runtime says of a run that failed on a device, as a status.
#pragma once

#include <string>

#include "base/status.h"

namespace skein::runtime {

// RESOURCE_EXHAUSTED when the message tells of lack of memory, else INTERNAL; names the device.
// Places in source files and host names are left out.
Status device_failure(const std::string& device, const std::string& message);

}  // namespace skein::runtime

// Work on the items of a batch that Python hands over, on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/status.h"

namespace skein::bindings {

// The status with "item 3: " before its message.
Status at_item(size_t index, const Status& status);

// Calls `work` for every index below `count` on up to `threads` threads, the caller's among them,
// without the GIL, which is held before and after. The first item in order that fails is reported;
// once one failed, those after it may be left out.
Status for_each_item(size_t count, int threads, const std::function<Status(size_t)>& work);

}  // namespace skein::bindings

// How times are put into messages.
#pragma once

#include <string>

#include "base/clock.h"

namespace skein::scheduling {

// "0.35 ms", "12.4 ms", "1730 ms".
std::string milliseconds(Duration duration);

}  // namespace skein::scheduling

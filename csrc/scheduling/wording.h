// How times are put into messages: "0.35 ms", "2.4 ms", "1730 ms".
#pragma once

#include <string>

#include "base/clock.h"

namespace skein::scheduling {

std::string at_least(Duration duration);  // rounded down
std::string at_most(Duration duration);   // rounded up

}  // namespace skein::scheduling

// Connecting to the server.
#pragma once

#include <string>

#include "base/status.h"

namespace skein::load {

// A connected, non-blocking socket; the caller closes it. `target` is HOST:PORT, [V6]:PORT or
// unix:PATH. Errors name the target, the reason and what to check.
Result<int> connect_to(const std::string& target);

// What a client puts into :authority for the target.
std::string authority_of(const std::string& target);

}  // namespace skein::load

// How the calling thread shares the processor with the others of this process, and with the
// machine. Best effort: where the kernel lacks a wish, nothing changes. No privileges needed.
#pragma once

namespace skein {

// For threads on the path of a request: they run often and briefly, so they ask for short turns,
// which lets them in before a longer one has ended (Linux 6.12 and later).
void run_in_short_turns();

// For threads that serve the control plane: where both want the processor, requests come first,
// and a few per cent are left for this.
void yield_to_requests();

}  // namespace skein

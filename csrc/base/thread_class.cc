#include "base/thread_class.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace skein {
namespace {

constexpr uint64_t kShortTurnNs = 100'000;  // the least that the kernel grants
constexpr int kNice = 15;                   // a weight of 36 against 1,024

// The kernel's struct sched_attr, first version; C libraries declare it only lately.
struct SchedAttributes {
  uint32_t size = sizeof(SchedAttributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // of SCHED_OTHER: the length of a turn, in nanoseconds
  uint64_t deadline = 0;
  uint64_t period = 0;
};

}  // namespace

void run_in_short_turns() {
  SchedAttributes attributes;
  attributes.nice = getpriority(PRIO_PROCESS, 0);  // on Linux, of this thread
  attributes.runtime = kShortTurnNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void yield_to_requests() { setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kNice); }

}  // namespace skein

#include "scheduling/batch_policy.h"

#include <algorithm>

namespace skein::scheduling {
namespace {

struct Fit {
  size_t requests = 0;   // longest prefix within max_batch_size
  size_t preferred = 0;  // longest prefix whose rows are a preferred size; 0: none
  bool full = false;     // nothing more can join
};

Fit fit(const QueueView& view, const BatchingSpec& limits) {
  Fit result;
  int64_t rows = 0;
  for (int64_t next : view.rows) {
    if (result.requests > 0 && rows + next > limits.max_batch_size) {
      result.full = true;
      break;
    }
    rows += next;
    ++result.requests;
    if (std::ranges::find(limits.preferred_batch_sizes, rows) !=
        limits.preferred_batch_sizes.end()) {
      result.preferred = result.requests;
    }
  }
  result.full = result.full || rows >= limits.max_batch_size;
  return result;
}

}  // namespace

Decision decide(const QueueView& view, const BatchingSpec& limits, TimePoint now) {
  if (!limits.dynamic || limits.max_batch_size <= 1) return {.run = 1};
  Fit found = fit(view, limits);
  if (found.preferred > 0) return {.run = found.preferred};
  TimePoint due = view.oldest + limits.max_queue_delay;
  if (found.full || due <= now) return {.run = found.requests};
  return {.run = 0, .wake = due};
}

}  // namespace skein::scheduling

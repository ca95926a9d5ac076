#include "scheduling/admission.h"

#include <algorithm>
#include <cmath>

namespace skein::scheduling {
namespace {

// For the answer's way from the worker to the client, and for what a busy machine adds on it: a
// twenty-fifth of the time there is, or this.
constexpr Duration kLeastDelivery = std::chrono::microseconds(500);
constexpr int kDeliveryShare = 25;

constexpr Duration kLeastRetry = std::chrono::milliseconds(1);

Duration scaled(Duration duration, double by) {
  return Duration(static_cast<int64_t>(static_cast<double>(duration.count()) * by));
}

}  // namespace

Duration predicted_wait(const Ahead& ahead, int64_t rows, const BatchingSpec& limits,
                        const LatencyModel& model) {
  int64_t most = limits.dynamic ? std::max<int64_t>(1, limits.max_batch_size) : 1;
  int64_t batches = ahead.rows / most;
  int64_t mine = std::min(std::max(rows, most), ahead.rows % most + rows);
  int64_t usual = limits.dynamic ? most : rows;  // rows of a run ahead
  Duration full = model.median(usual);
  Duration own = model.median(mine);
  auto runs = static_cast<double>(batches);
  Duration wait = ahead.busy + scaled(full, runs / ahead.slots) + own;
  Duration spread = std::max(model.high(usual) - full, model.high(mine) - own);
  return wait + scaled(spread, std::sqrt(runs + 1));
}

Verdict judge(const Ahead& ahead, int64_t rows, Duration left, const BatchingSpec& limits,
              const LatencyModel& model) {
  if (!model.known()) return {};
  Duration alone = model.median(rows);
  if (left < alone) return {.kind = Verdict::Kind::kHopeless, .estimate = alone, .wait = alone};
  Duration wait = predicted_wait(ahead, rows, limits, model);
  Duration delivery = std::max(kLeastDelivery, left / kDeliveryShare);
  // A batch waits for company only as long as its deadlines allow: that makes nobody late.
  Duration spare = std::max(left - delivery - wait, Duration(0));
  Verdict verdict{.estimate = wait + std::min(limits.max_queue_delay, spare)};
  verdict.wait = scaled(wait, ahead.factor);
  Duration late = verdict.wait + delivery - left;
  // An idle server takes every request that one run can serve: its own noise is no overload.
  if (late <= Duration(0) || ahead.idle()) return verdict;
  verdict.kind = Verdict::Kind::kOverload;
  verdict.retry_after = std::max(late, kLeastRetry);
  return verdict;
}

}  // namespace skein::scheduling

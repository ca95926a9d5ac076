// Whether a request that has a deadline is taken in, as a pure function.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/model_spec.h"
#include "scheduling/latency_model.h"

namespace skein::scheduling {

// What a new request finds.
struct Ahead {
  int64_t rows = 0;   // that would run before it
  Duration busy{0};   // until a slot is free for this model; 0: one is
  double slots = 1;   // that serve this model at a time; less than 1: a share of one
  double factor = 1;  // by which predictions were too short of late

  bool idle() const { return rows == 0 && busy == Duration(0); }
};

struct Verdict {
  enum class Kind : uint8_t {
    kAdmit,
    kOverload,  // late here and now; later, or on another server, perhaps not
    kHopeless,  // shorter than one run of the model by itself
  };
  Kind kind = Kind::kAdmit;
  Duration estimate{0};     // until its answer: predicted_wait() and the queue delay
  Duration wait{0};         // predicted_wait() times the factor: what decides
  Duration retry_after{0};  // kOverload: when the same request could be admitted
};

// The predicted time until the answer of a request of `rows`: the rest of the present run, the
// batches ahead at their median time spread over the slots, its own batch, and the distance of
// median and high quantile for as many independent runs: (high - median) * sqrt(number of runs). A
// delay for company is not counted: the policy cuts it short for a deadline.
Duration predicted_wait(const Ahead& ahead, int64_t rows, const BatchingSpec& limits,
                        const LatencyModel& model);

// `left`: until the deadline. Admits everything while nothing is known about the model.
Verdict judge(const Ahead& ahead, int64_t rows, Duration left, const BatchingSpec& limits,
              const LatencyModel& model);

}  // namespace skein::scheduling

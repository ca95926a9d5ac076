// How a failed request is counted.
#pragma once

#include "base/status.h"
#include "telemetry/model_stats.h"

namespace skein::scheduling {

// Of one that the scheduler did not refuse: the client's mistake, or ours.
inline telemetry::FailureReason failure_reason(Code code) {
  if (code == Code::kCancelled) return telemetry::FailureReason::kCanceled;
  return code == Code::kInvalidArgument ? telemetry::FailureReason::kOther
                                        : telemetry::FailureReason::kBackend;
}

}  // namespace skein::scheduling

// The way of a finished batch's requests into the request log.
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "runtime/executor.h"
#include "scheduling/queue.h"
#include "scheduling/request.h"
#include "telemetry/request_log.h"

namespace skein::scheduling {

class BatchLog {
 public:
  // All of it outlives this object. `log`: null when nothing is kept. `answered`: when the last
  // answer of the batch was encoded.
  BatchLog(telemetry::RequestLog* log, const ModelSpec& spec, const Slot& slot,
           const runtime::BatchResult& result, TimePoint answered)
      : log_(log), spec_(spec), slot_(slot), result_(result), answered_(answered) {}

  // Before the request is completed with `code`: afterwards it may be gone.
  void add(const Request& request, Code code) {
    if (log_ != nullptr && log_->wants(answered_ - request.arrival)) keep(request, code);
  }

 private:
  void keep(const Request& request, Code code);
  telemetry::RequestPhases phases(const Request& request) const;

  telemetry::RequestLog* const log_;
  const ModelSpec& spec_;
  const Slot& slot_;
  const runtime::BatchResult& result_;
  const TimePoint answered_;
};

}  // namespace skein::scheduling

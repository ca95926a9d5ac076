#include "scheduling/batch_log.h"

namespace skein::scheduling {

telemetry::RequestPhases BatchLog::phases(const Request& request) const {
  bool prepared = result_.prepared > result_.started;  // else there was nothing to prepare
  return {.queued = request.queued_at() - request.arrival,
          .formed = slot_.formed - request.arrival,
          .prepared = (prepared ? result_.prepared : slot_.formed) - request.arrival,
          .gathered = result_.gathered - request.arrival,
          .finished = result_.finished - request.arrival,
          .answered = answered_ - request.arrival};
}

void BatchLog::keep(const Request& request, Code code) {
  telemetry::RequestRecord record;
  if (!request.describe(record)) return;
  record.model.assign(spec_.name);
  record.version = spec_.version;
  record.code = code;
  record.batch_rows = slot_.batch.rows;
  record.batch_requests = static_cast<int64_t>(slot_.requests.size());
  record.release = slot_.why;
  record.predicted = slot_.predicted;
  record.phases = phases(request);
  record.preparation = request.preparation;
  using std::chrono::system_clock;
  record.arrival = system_clock::now() -
                   std::chrono::duration_cast<system_clock::duration>(record.phases.answered);
  log_->push(record);
}

}  // namespace skein::scheduling

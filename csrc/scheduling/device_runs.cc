// Running a leased slot's batch, and completing its requests.
#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "scheduling/batch_log.h"
#include "scheduling/device.h"
#include "scheduling/failure_reason.h"

namespace skein::scheduling {
namespace {

// Encodes every request's rows; takes those out that fail, here or before the run. The rows that
// were run, all of them.
int64_t encode_all(Slot& slot, const runtime::BatchResult& result,
                   std::vector<std::pair<Request*, Status>>& failed) {
  int64_t row = 0;
  for (size_t i = 0; i < slot.requests.size(); ++i) {
    Request* request = slot.requests[i];
    bool left_out = !result.left_out.empty() && !result.left_out[i].ok();
    Status status = result.status;
    if (status.ok()) status = left_out ? result.left_out[i] : request->encode(result, row);
    if (!left_out) row += request->item.rows;
    if (status.ok()) continue;
    failed.emplace_back(request, std::move(status));
    slot.requests[i] = nullptr;
  }
  return row;
}

}  // namespace

void Device::run(Queue& queue, Slot& slot) {
  slot.batch.clear();
  slot.batch.crew = crew_;
  for (const Request* request : slot.requests) {
    slot.batch.items.push_back(request->item);
    slot.batch.rows += request->item.rows;
    slot.batch.wanted |= request->wanted_outputs;
  }
  if (!slot.done) {
    slot.done = [this, context = std::pair(&queue, &slot)](runtime::BatchResult& result) {
      complete(*context.first, *context.second, result);
    };
  }
  slot.executor->submit(slot.batch, slot.done);
}

// First all responses are encoded, then all are recorded and sent: the times are known before
// the first request may be gone, and the hand-offs come in one burst.
void Device::complete(Queue& queue, Slot& slot, runtime::BatchResult& result) {
  telemetry::Recorder& recorder = *slot.recorder;
  if (!result.status.ok()) {
    result.status = Status(result.status.code(),
                           "model " + quote(queue.spec_.name) + ": " + result.status.message());
  }
  const Request& first = *slot.requests.front();  // also where its client has given up by now
  std::vector<std::pair<Request*, Status>> failed;
  int64_t rows = encode_all(slot, result, failed);
  TimePoint now = clock_.now();
  slot.waited = Waited(first, now);
  Duration prepare = result.prepared - result.started;
  Duration input = result.gathered - result.started;
  Duration infer = result.finished - result.gathered;
  Duration output = now - result.finished;
  BatchLog log(log_, queue.spec_, slot, result, now);
  for (auto& [request, status] : failed) {
    log.add(*request, status.code());
    recorder.failure(failure_reason(status.code()), now - request->arrival);
    queue.complete(*request, std::move(status));
  }
  bool ran = result.status.ok() && rows > 0;
  if (ran) {
    recorder.batch({.rows = rows,
                    .compute_input = input,
                    .compute_infer = infer,
                    .compute_output = output,
                    .release = slot.why,
                    .predicted = slot.predicted,
                    .actual = now - slot.formed,
                    .input_elements = result.padded.elements,
                    .padding_elements = result.padded.padding});
  }
  for (Request* request : slot.requests) {
    if (request == nullptr) continue;
    log.add(*request, Code::kOk);
    recorder.success({.request = now - request->arrival,
                      .queue = slot.formed - request->queued_at_,
                      .prepare = request->preparation + prepare,
                      .compute_input = input,
                      .compute_infer = infer,
                      .compute_output = output});
    queue.complete(*request, {});
  }
  result.outputs.clear();  // what no response holds is freed now, not at the next run
  // A batch that lost rows tells nothing of how long so many take.
  slot.succeeded = ran && result.left_out.empty();
  slot.run = clock_.now() - slot.formed;
  release(queue, slot);
}

// The last touch of queue and slot: whoever waits in drain() may destroy them.
void Device::release(Queue& queue, Slot& slot) {
  std::lock_guard lock(mutex_);
  queue.running_.fetch_sub(static_cast<int64_t>(slot.requests.size()), std::memory_order_relaxed);
  if (slot.succeeded) {
    queue.record_run(slot);
    queue.learn(slot.waited);
  }
  queue.last_run_.store((slot.formed + slot.run).time_since_epoch().count(),
                        std::memory_order_relaxed);
  // Inline runs take no worker from anybody.
  if (!slot.ran_inline) {
    queue.served_ += static_cast<double>(slot.run.count()) / queue.spec_.weight;
  }
  queue.free_.push_back(&slot);
  std::erase(running_, std::pair(&queue, &slot));
  publish(queue);
  if (queue.idle()) drained_.notify_all();
}

}  // namespace skein::scheduling

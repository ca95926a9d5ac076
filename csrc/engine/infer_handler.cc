#include "engine/infer_handler.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "protocol/infer_request.h"

namespace skein::engine {
namespace {

using telemetry::FailureReason;

// A larger timeout parameter means "none": some 31 years.
constexpr uint64_t kMaxTimeoutUs = 1'000'000'000'000'000;

TimePoint deadline_of(const transport::Call& call, const protocol::RequestHead& head) {
  if (head.timeout_us == 0 || head.timeout_us > kMaxTimeoutUs) return call.deadline();
  return std::min(call.deadline(), call.arrival() + std::chrono::microseconds(head.timeout_us));
}

// The one step that may need memory in proportion to what a client sent.
Status prepare(RemoteInference& inference, const transport::Call& call,
               const protocol::RequestHead& head, const routing::Target& target) {
  try {
    return inference.prepare(call.message().bytes(), head, target);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("no memory for the request's tensors; retry later");
  }
}

}  // namespace

InferHandler::InferHandler(int io_threads) : threads_(static_cast<size_t>(io_threads)) {}

void InferHandler::set_snapshot(int io_thread, const routing::Snapshot* snapshot) {
  threads_[static_cast<size_t>(io_thread)].snapshot = snapshot;
}

void InferHandler::on_call(transport::Call& call) {
  Status status = accept(call, threads_[static_cast<size_t>(call.io_thread())]);
  if (!status.ok()) call.finish(std::move(status));
}

Status InferHandler::accept(transport::Call& call, Thread& thread) {
  Result<protocol::RequestHead> head = protocol::read_head(call.message().bytes());
  if (!head.ok()) return head.status();
  if (thread.snapshot == nullptr) {
    return unavailable("the server is still loading its models; wait for ServerReady");
  }
  Result<const routing::Target*> routed =
      thread.snapshot->route(head->model_name, head->model_version, ++thread.draws);
  if (!routed.ok()) return routed.status();
  const routing::Target& target = **routed;
  scheduling::Queue& queue = *target.queue;

  Status admitted = queue.admit();
  if (!admitted.ok()) {
    queue.stats().refused(FailureReason::kRejected, Duration(0));
    return admitted;
  }
  RemoteInference& inference = thread.pool.take(call);
  call.set_state(transport::CallStatePtr(&inference));
  Status valid = prepare(inference, call, *head, target);
  if (!valid.ok()) {
    queue.give_back();
    queue.stats().refused(FailureReason::kOther, Duration(0));
    return valid;
  }
  inference.arrival = call.arrival();
  inference.deadline = deadline_of(call, *head);
  inference.begin();
  call.set_abandon_listener(&inference);
  collect(thread, inference);
  return {};
}

void InferHandler::collect(Thread& thread, RemoteInference& inference) {
  scheduling::Device* device = &inference.device();
  auto found = std::ranges::find(thread.collected, device, &Collected::device);
  if (found == thread.collected.end()) {
    thread.collected.push_back({device, {}});
    found = std::prev(thread.collected.end());
  }
  found->inferences.push_back(&inference);
}

void InferHandler::on_turn_end(int io_thread) {
  Thread& thread = threads_[static_cast<size_t>(io_thread)];
  for (Collected& collected : thread.collected) {
    thread.submissions.clear();
    for (RemoteInference* inference : collected.inferences) {
      scheduling::Queue& queue = *inference->target().queue;
      if (inference->abandoned()) {  // reset in the same turn that brought it
        queue.give_back();
        queue.stats().refused(FailureReason::kCanceled, Duration(0));
        inference->fail({Code::kCancelled, "the client no longer waits"});
      } else {
        thread.submissions.push_back({inference, &queue});
      }
    }
    collected.inferences.clear();
    if (!thread.submissions.empty()) collected.device->submit(thread.submissions);
  }
}

}  // namespace skein::engine

#include "engine/infer_handler.h"

#include <algorithm>
#include <utility>

#include "protocol/infer_request.h"

namespace skein::engine {
namespace {

using telemetry::FailureReason;

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
  Result<Admission> admission = admit(*head, **routed, call.arrival(), call.deadline());
  if (!admission.ok()) return admission.status();

  RemoteInference& inference = thread.pool.take(call);
  call.set_state(transport::CallStatePtr(&inference));
  Status started = inference.start(call.message().bytes(), *head, *admission);
  if (!started.ok()) return started;
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
        queue.stats().refused(FailureReason::kCanceled, Duration(0));
        queue.give_back(inference->level);
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

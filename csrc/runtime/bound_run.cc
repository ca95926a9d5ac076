#include "runtime/bound_run.h"

#include <string>
#include <utility>

#include "runtime/ort_tensor.h"

namespace skein::runtime {
namespace {

constexpr const char* kNoGraph = "-1";  // of a session that captures: this run does not

// The run only starts: the slot waits for its stream when the outputs are on their way too.
// `graph_id`: null where the session captures no graphs.
Result<Handle<OrtRunOptions>> run_options(const char* graph_id) {
  OrtRunOptions* created = nullptr;
  if (Status status = take(ort().CreateRunOptions(&created)); !status.ok()) return status;
  Handle<OrtRunOptions> options(created);
  Status status =
      take(ort().AddRunConfigEntry(created, "disable_synchronize_execution_providers", "1"));
  if (status.ok() && graph_id != nullptr) {
    status = take(ort().AddRunConfigEntry(created, "gpu_graph_id", graph_id));
  }
  if (!status.ok()) return status;
  return options;
}

}  // namespace

Result<BoundRun> BoundRun::create(const BoundSlot& slot, int64_t rows, int graph_id) {
  BoundRun run;
  OrtIoBinding* created = nullptr;
  Status status = take(ort().CreateIoBinding(slot.session->handle(), &created));
  if (!status.ok()) return status;
  run.binding_.reset(created);
  for (size_t i = 0; i < slot.outputs.size(); ++i) {
    Result<Handle<OrtValue>> place = slot.outputs[i].place(slot.memory.get(), rows);
    if (!place.ok()) return place.status();
    if (*place == nullptr) continue;
    status = take(ort().BindOutput(created, slot.spec.outputs[i].name.c_str(), place->get()));
    if (!status.ok()) return status;
    run.places_.push_back(std::move(*place));
  }
  Result<Handle<OrtRunOptions>> plain = run_options(graph_id == 0 ? nullptr : kNoGraph);
  if (!plain.ok()) return plain.status();
  run.plain_ = std::move(*plain);
  if (graph_id == 0) return run;
  Result<Handle<OrtRunOptions>> graph = run_options(std::to_string(graph_id).c_str());
  if (!graph.ok()) return graph.status();
  run.graph_ = std::move(*graph);
  return run;
}

// Inputs are bound anew for each run: for those that a node takes on the CPU, binding copies them.
// So are the outputs that ONNX Runtime allocates, or it would keep to the size of the last run.
Status BoundRun::bind(BoundSlot& slot) {
  ort().ClearBoundInputs(binding_.get());
  for (size_t i = 0; i < slot.inputs.size(); ++i) {
    Result<OrtValue*> value = slot.inputs[i].value(slot.memory.get());
    if (!value.ok()) return value.status();
    const char* name = slot.spec.inputs[i].name.c_str();
    if (Status status = take(ort().BindInput(binding_.get(), name, *value)); !status.ok()) {
      return status;
    }
  }
  for (size_t i = 0; i < slot.outputs.size(); ++i) {
    if (slot.outputs[i].fixed()) continue;
    const char* name = slot.spec.outputs[i].name.c_str();
    Status status = take(ort().BindOutputToDevice(binding_.get(), name, cpu_memory()));
    if (!status.ok()) return status;
  }
  return {};
}

Status BoundRun::run(BoundSlot& slot) {
  if (Status status = bind(slot); !status.ok()) return status;
  OrtSession* session = slot.session->handle();
  if (!graph_ || captures()) {  // what a run allocates must be there before the capture
    Status status = take(ort().RunWithBinding(session, plain_.get(), binding_.get()));
    if (!status.ok() || !graph_) return status;
  }
  Status status = take(ort().RunWithBinding(session, graph_.get(), binding_.get()));
  captured_ = status.ok();
  if (!captured_) graph_.reset();
  return status;
}

Result<std::vector<Handle<OrtValue>>> BoundRun::allocated() const {
  OrtValue** values = nullptr;
  size_t count = 0;
  Status status =
      take(ort().GetBoundOutputValues(binding_.get(), default_allocator(), &values, &count));
  if (!status.ok()) return status;
  std::vector<Handle<OrtValue>> all(values, values + count);
  Handle<OrtStatus> freed(ort().AllocatorFree(default_allocator(), values));
  all.erase(all.begin(), all.begin() + static_cast<ptrdiff_t>(places_.size()));
  return all;
}

}  // namespace skein::runtime

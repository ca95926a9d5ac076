// One number of rows that a slot runs on its device: the binding of its outputs and how to run it.
#pragma once

#include <vector>

#include "runtime/bound_slot.h"

namespace skein::runtime {

class BoundRun {
 public:
  // `graph_id`: under which ONNX Runtime keeps the CUDA graph of this run; 0: it captures none.
  static Result<BoundRun> create(const BoundSlot& slot, int64_t rows, int graph_id);

  // Whether the next run() captures a CUDA graph: nobody else may allocate then.
  bool captures() const { return graph_ && !captured_; }
  // Runs what is staged. The stream must have been waited for before and must be after. Once a run
  // with a graph has failed, later ones go without.
  Status run(BoundSlot& slot);
  // What ONNX Runtime allocated, in the order of the outputs that are not fixed.
  Result<std::vector<Handle<OrtValue>>> allocated() const;

 private:
  Status bind(BoundSlot& slot);

  Handle<OrtIoBinding> binding_;
  Handle<OrtRunOptions> plain_;
  Handle<OrtRunOptions> graph_;  // null: none, or it failed
  std::vector<Handle<OrtValue>> places_;
  bool captured_ = false;
};

}  // namespace skein::runtime

// What runs a batch. ONNX Runtime is one implementation; a Python model (GIL once per batch) and a
// pipeline of models are others to come, hence asynchronous.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/tensor.h"

namespace skein::runtime {

// One request's part of a batch. Views see the request's bytes until the batch is done.
struct Item {
  // One per ModelSpec::inputs. The mask of a model with padding may be null: it is made.
  std::span<const TensorView> inputs;
  int64_t rows = 1;
  int64_t length = 0;  // of a model with padding: see PaddingSpec
};

// What padding made of a batch. All zero for a model without it.
struct PaddedBatch {
  int64_t length = 0;     // the longest of the items'
  uint64_t elements = 0;  // of all padded inputs, as they are run
  uint64_t padding = 0;   // how many of them are padding
};

struct Batch {
  // At least one; all with the same dtypes and inner dimensions, but for the length.
  std::vector<Item> items;
  int64_t rows = 0;                // sum of the items' rows
  uint64_t wanted = ~uint64_t{0};  // bit i: output i is needed (outputs beyond 63: always)
};

// One output of the whole batch. kBytes is in the protocol's raw form. For a batched model row r
// of a fixed-size dtype starts at data + r * size / rows; kBytes rows start at row_offsets[r].
struct OutputTensor {
  TensorView view;
  Ref<Buffer> owner;                // keeps view.data alive
  std::vector<size_t> row_offsets;  // kBytes of a batched model: rows + 1 entries; else empty
  bool present = false;             // false: not wanted, not computed
};

struct BatchResult {
  Status status;                      // of the whole batch
  std::vector<OutputTensor> outputs;  // one per ModelSpec::outputs; empty on failure
  PaddedBatch padded;
  TimePoint started{}, gathered{}, finished{};  // submit, inputs ready, Run returned
};

using Done = std::function<void(BatchResult&)>;

// One execution slot. submit() is called by one thread at a time, and not again before `done`
// ran. `batch` stays valid until then. ONNX Runtime on CPU calls `done` before returning. From
// within `done` on, the slot may be submitted to by another thread, or be destroyed.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void submit(const Batch& batch, const Done& done) = 0;
};

}  // namespace skein::runtime

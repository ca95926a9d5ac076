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

// Makes rows of inputs that a request does not bring as tensors. Any thread, several at a time.
class RowSource {
 public:
  // Writes the rows [first, first + rows) of input `input`, as its view's shape and datatype say,
  // to `to`. An error is that request's alone.
  virtual Status write(size_t input, int64_t first, int64_t rows, std::byte* to) const = 0;

 protected:
  ~RowSource() = default;
};

// One request's part of a batch. Views see the request's bytes until the batch is done.
struct Item {
  // One per ModelSpec::inputs. The mask of a model with padding may be null: it is made.
  std::span<const TensorView> inputs;
  int64_t rows = 1;
  int64_t length = 0;  // of a model with padding: see PaddingSpec
  // Writes the inputs whose views have a size but no data. Null: there are none.
  const RowSource* source = nullptr;
  // So many rows are worth handing to another thread; 0: the request is not.
  int64_t rows_per_task = 0;
};

// Threads that may help with a batch.
class Crew {
 public:
  // Runs task(0) to task(count - 1), some of them on other threads, and returns when all are done.
  // A task must not throw.
  virtual void share(size_t count, const std::function<void(size_t)>& task) = 0;

 protected:
  ~Crew() = default;
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
  Crew* crew = nullptr;            // null: nobody helps

  void clear() {  // keeps capacity
    items.clear();
    rows = 0;
    wanted = 0;
  }
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
  // Why an item's rows were left out of the run, by item; empty: none were. Outputs have the rows
  // of the other items only. When nothing is left nothing is run, and there are no outputs.
  std::vector<Status> left_out;
  // submit, rows made by their sources, inputs ready, Run returned
  TimePoint started{}, prepared{}, gathered{}, finished{};
};

// Of a batch that is submitted now.
inline void begin(BatchResult& result) {
  result.status = {};
  result.left_out.clear();
  result.padded = {};
  result.started = Clock::steady().now();
  result.prepared = result.gathered = result.finished = result.started;
}

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

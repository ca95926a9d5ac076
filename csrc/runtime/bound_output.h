// One output of a slot that runs on a device.
#pragma once

#include "runtime/device_tensor.h"
#include "runtime/executor.h"
#include "runtime/output_reader.h"

namespace skein::runtime {

class BoundOutput {
 public:
  // Takes room for the largest batch at once where the specification fixes its size.
  static Result<BoundOutput> create(const ModelSpec& spec, size_t index,
                                    std::shared_ptr<const Stream> stream);

  // Where ONNX Runtime puts it in a run of `rows` rows: on the device, at a place that stays as it
  // is; null: it allocates host memory itself, as it must for kBytes and unknown sizes.
  Result<Handle<OrtValue>> place(const OrtMemoryInfo* memory, int64_t rows) const;
  bool fixed() const { return fixed_; }

  // Starts the copy of the first `rows` rows from the device.
  Status fetch(int64_t rows) const;
  // The first `rows` rows as a result, once the stream has been waited for. They are copied out of
  // the pinned memory: slow clients may hold results for long, and it is scarce.
  Status read(int64_t rows, OutputTensor& output) const;
  // The same of an output that ONNX Runtime allocated for a run of `run_rows` rows.
  Status read(Handle<OrtValue> value, int64_t rows, int64_t run_rows, OutputTensor& output) const;

 private:
  BoundOutput(const ModelSpec& spec, size_t index, std::shared_ptr<const Stream> stream);
  size_t size(int64_t rows) const;

  TensorSpec spec_;
  bool batched_;
  bool fixed_ = false;
  DeviceTensor tensor_;
  OutputReader reader_;
};

}  // namespace skein::runtime

// One output of a slot: ONNX Runtime's tensor as an OutputTensor that owns it.
#pragma once

#include "base/model_spec.h"
#include "runtime/executor.h"
#include "runtime/ort.h"

namespace skein::runtime {

class OutputReader {
 public:
  // `is_input`: the graph returns an input as it is, so the value sees the bytes of the input.
  OutputReader(const TensorSpec& spec, bool batched, bool is_input);

  // Fills `output` from `value`, which it takes over. INTERNAL when a batched model answers
  // another number of rows than it was given.
  Status read(Handle<OrtValue> value, int64_t rows, OutputTensor& output) const;

 private:
  Ref<Buffer> own(Handle<OrtValue> value, std::byte* data, size_t size) const;
  Status check_rows(const Shape& shape, int64_t rows) const;
  Status read_raw_strings(const OrtValue* value, int64_t rows, OutputTensor& output) const;

  std::string name_;
  DType dtype_;
  bool batched_;
  bool is_input_;
};

}  // namespace skein::runtime

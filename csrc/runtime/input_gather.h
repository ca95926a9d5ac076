// Putting one input of a batch's items side by side.
#pragma once

#include <optional>
#include <string>

#include "base/model_spec.h"
#include "runtime/executor.h"
#include "runtime/input_padding.h"
#include "runtime/ort.h"

namespace skein::runtime {

class InputGather {
 public:
  // Input `index` of every item. Rows of a batched model are concatenated along dimension 0.
  InputGather(const ModelSpec& spec, size_t index);

  DType dtype() const { return dtype_; }
  bool batched() const { return batched_; }

  // What the batch's input is, its rows padded to `length` if the specification says so.
  struct Layout {
    Shape shape;
    size_t size = 0;  // bytes; of kBytes unknown: 0
    bool pads = false;
  };
  // INTERNAL when the items' bytes do not fill the shape.
  Result<Layout> layout(const Batch& batch, int64_t length) const;

  // The bytes themselves where one item holds them all, aligned and without padding; else null.
  const std::byte* in_place(const Batch& batch, const Layout& layout) const;
  // Writes layout.size bytes, but for rows whose view has no data: those are there already (see
  // RowPreparation). Not for kBytes.
  Status write(const Batch& batch, const Layout& layout, std::byte* to) const;
  // The tensor of a kBytes input.
  Result<Handle<OrtValue>> strings(const Batch& batch, const Layout& layout) const;

 private:
  Status write_padded(const Batch& batch, const Layout& layout, std::byte* to) const;
  Status wrong_size(size_t given, size_t size) const;

  std::string name_;
  DType dtype_;
  size_t index_;
  bool batched_;
  std::optional<InputPadding> padding_;
};

}  // namespace skein::runtime

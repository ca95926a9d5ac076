// How the rows of one input are padded.
#pragma once

#include <cstddef>
#include <vector>

#include "base/model_spec.h"

namespace skein::runtime {

class InputPadding {
 public:
  // Input `index` must be padded, and the specification have passed check_padding().
  InputPadding(const ModelSpec& spec, size_t index);

  // `shape` with its dynamic inner dimensions set to `length`.
  Shape padded(const Shape& shape, int64_t length) const;

  // Writes the rows of `view` padded to `shape`, whose first dimension is the view's own. A mask
  // that is null is made: 1 wherever the view's shape has an element.
  void copy(const TensorView& view, std::byte* to, const Shape& shape) const;

 private:
  Shape declared_;
  std::vector<std::byte> padding_, data_;  // one element each
};

}  // namespace skein::runtime

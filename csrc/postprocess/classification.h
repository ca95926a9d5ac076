// Triton's classification: the classes with the highest scores, as text.
#pragma once

#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/tensor.h"

namespace skein::postprocess {

struct ClassOptions {
  bool batched = false;  // the first axis counts rows; else the whole tensor is one row
  uint32_t count = 1;    // classes of each row; more than there are: all
  const std::vector<std::string>* labels = nullptr;  // by class; null, too short or empty: none
};

// BYTES of shape [rows, count], or [count] without batching. `view` sees the bytes of `owner`.
struct Classes {
  TensorView view;
  Ref<Buffer> owner;
};

// For each row of `scores`, which are numbers: "score:class" or "score:class:label" of the highest,
// best first; the class is the place among all elements of the row. Scores are as printf's %f or
// %d has them. Equal scores: the lower class first. NaN comes after every number, as "nan".
// Throws std::bad_alloc.
Classes classify(const TensorView& scores, const ClassOptions& options);

}  // namespace skein::postprocess

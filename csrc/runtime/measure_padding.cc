#include "runtime/measure_padding.h"

#include <algorithm>

#include "base/padding.h"

namespace skein::runtime {
namespace {

uint64_t elements_of(const Shape& shape) {
  return static_cast<uint64_t>(element_count(shape.dims()).value_or(0));
}

}  // namespace

PaddedBatch measure_padding(const Batch& batch, const ModelSpec& spec) {
  PaddedBatch padded;
  for (const Item& item : batch.items) padded.length = std::max(padded.length, item.length);
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (!is_padded(spec.padding, i)) continue;
    Shape shape =
        with_length(batch.items.front().inputs[i].shape, spec.inputs[i].dims, padded.length);
    shape[0] = batch.rows;
    padded.elements += elements_of(shape);
    padded.padding += elements_of(shape);
    for (const Item& item : batch.items) padded.padding -= elements_of(item.inputs[i].shape);
  }
  return padded;
}

}  // namespace skein::runtime

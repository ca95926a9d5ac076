// Copies the common corner of two row-major tensors of the same rank but of other sizes: to a
// larger one this pads at the end of each axis, to a smaller one it cuts.
#pragma once

#include <cstddef>
#include <span>

#include "base/tensor.h"

namespace skein {

// Writes `value`, one element, again and again; `size` is a multiple of its size.
void fill(std::byte* to, size_t size, std::span<const std::byte> value);

struct CornerCopy {
  size_t element_size;
  std::span<const std::byte> padding;  // one element, for where only the target has one
  // One element, in place of the source's when `from` is null: the mask of what would be copied.
  std::span<const std::byte> data;

  // Both shapes have the same rank, at least 1, and their bytes are there.
  void operator()(const std::byte* from, const Shape& from_shape, std::byte* to,
                  const Shape& to_shape) const;
};

// Whether the corner of shape `part` is one piece, the first bytes of a tensor of shape `whole`.
bool is_prefix(const Shape& part, const Shape& whole);

}  // namespace skein

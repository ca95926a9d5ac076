#include "runtime/fixed_size.h"

#include <algorithm>

namespace skein::runtime {

std::optional<Shape> fixed_shape(const TensorSpec& tensor, bool batched, int64_t rows) {
  Shape shape = tensor.dims;
  if (batched) shape[0] = rows;
  bool dynamic = std::any_of(shape.begin(), shape.end(), [](int64_t dim) { return dim < 0; });
  if (dynamic || tensor.dtype == DType::kBytes) return std::nullopt;
  return shape;
}

std::optional<size_t> byte_size(DType dtype, const Shape& shape) {
  std::optional<int64_t> elements = element_count(shape.dims());
  size_t size = 0;
  if (!elements || __builtin_mul_overflow(*elements, element_size(dtype), &size)) {
    return std::nullopt;
  }
  return size;
}

}  // namespace skein::runtime

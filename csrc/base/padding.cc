#include "base/padding.h"

#include <algorithm>
#include <bit>

namespace skein {
namespace {

// The length, for an input that is padded; its dynamic dimensions are equal.
int64_t length_in(const Shape& shape, const Shape& declared) {
  for (size_t axis = 1; axis < declared.rank(); ++axis) {
    if (declared[axis] < 0) return shape[axis];
  }
  return 0;
}

}  // namespace

uint64_t bucket_of(int64_t length, const std::vector<int64_t>& bounds) {
  if (length <= 0) return 0;
  auto bound = std::ranges::lower_bound(bounds, length);
  if (bound != bounds.end()) return 1 + static_cast<uint64_t>(bound - bounds.begin());
  return 1 + bounds.size() + static_cast<uint64_t>(std::bit_width<uint64_t>(length - 1));
}

bool is_padded(const PaddingSpec& padding, size_t input) {
  if (!padding.enabled()) return false;
  if (padding.mask >= 0 && input == static_cast<size_t>(padding.mask)) return true;
  return std::ranges::any_of(padding.inputs, [input](const auto& p) { return p.index == input; });
}

bool same_shape_class(const ModelSpec& spec, std::span<const TensorView> a,
                      std::span<const TensorView> b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (!is_padded(spec.padding, i)) {
      if (!std::ranges::equal(a[i].shape.dims().subspan(1), b[i].shape.dims().subspan(1))) {
        return false;
      }
      continue;
    }
    const Shape& declared = spec.inputs[i].dims;
    if (bucket_of(length_in(a[i].shape, declared), spec.padding.buckets) !=
        bucket_of(length_in(b[i].shape, declared), spec.padding.buckets)) {
      return false;
    }
  }
  return true;
}

Shape with_length(Shape shape, const Shape& declared, int64_t length) {
  for (size_t axis = 1; axis < declared.rank(); ++axis) {
    if (declared[axis] < 0) shape[axis] = length;
  }
  return shape;
}

Shape cut_to_length(Shape shape, const Shape& declared, int64_t padded, int64_t length) {
  for (size_t axis = 1; axis < std::min(shape.rank(), declared.rank()); ++axis) {
    if (declared[axis] < 0 && shape[axis] == padded) shape[axis] = length;
  }
  return shape;
}

}  // namespace skein

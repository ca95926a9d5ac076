#include "base/corner_copy.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace skein {
namespace {

// The last axis in which the shapes differ: everything inside is copied in one piece. 0: none.
size_t last_difference(const Shape& a, const Shape& b) {
  size_t axis = a.rank() - 1;
  while (axis > 0 && a[axis] == b[axis]) --axis;
  return axis;
}

// Bytes of one step along each axis.
std::array<size_t, kMaxRank> strides(const Shape& shape, size_t element_size) {
  std::array<size_t, kMaxRank> bytes{};
  size_t step = element_size;
  for (size_t axis = shape.rank(); axis-- > 0;) {
    bytes[axis] = step;
    step *= static_cast<size_t>(shape[axis]);
  }
  return bytes;
}

// Walks both tensors once, front to back.
class Walk {
 public:
  Walk(const CornerCopy& how, const std::byte* from, const Shape& from_shape, std::byte* to,
       const Shape& to_shape)
      : how_(how),
        from_(from),
        to_(to),
        from_shape_(from_shape),
        to_shape_(to_shape),
        from_strides_(strides(from_shape, how.element_size)),
        to_strides_(strides(to_shape, how.element_size)),
        last_(last_difference(from_shape, to_shape)) {}

  void copy(size_t axis) {
    auto had = static_cast<size_t>(from_shape_[axis]);
    auto wanted = static_cast<size_t>(to_shape_[axis]);
    size_t common = std::min(had, wanted);
    if (axis == last_) {
      copy_piece(common * to_strides_[axis]);
    } else {
      for (size_t i = 0; i < common; ++i) copy(axis + 1);
    }
    if (from_ != nullptr) from_ += (had - common) * from_strides_[axis];
    size_t gap = (wanted - common) * to_strides_[axis];
    fill(to_, gap, how_.padding);
    to_ += gap;
  }

 private:
  void copy_piece(size_t size) {
    if (from_ == nullptr) {
      fill(to_, size, how_.data);
    } else if (size > 0) {
      std::memcpy(to_, from_, size);
      from_ += size;
    }
    to_ += size;
  }

  const CornerCopy& how_;
  const std::byte* from_;
  std::byte* to_;
  const Shape& from_shape_;
  const Shape& to_shape_;
  std::array<size_t, kMaxRank> from_strides_, to_strides_;
  size_t last_;
};

}  // namespace

void fill(std::byte* to, size_t size, std::span<const std::byte> value) {
  if (size == 0) return;
  std::memcpy(to, value.data(), value.size());
  for (size_t done = value.size(); done < size;) {
    size_t more = std::min(done, size - done);
    std::memcpy(to + done, to, more);
    done += more;
  }
}

void CornerCopy::operator()(const std::byte* from, const Shape& from_shape, std::byte* to,
                            const Shape& to_shape) const {
  Walk(*this, from, from_shape, to, to_shape).copy(0);
}

bool is_prefix(const Shape& part, const Shape& whole) {
  size_t last = last_difference(part, whole);
  return std::all_of(part.begin(), part.begin() + last, [](int64_t dim) { return dim == 1; });
}

}  // namespace skein

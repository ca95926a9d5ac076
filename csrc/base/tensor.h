// Shapes and views of tensors. A view owns nothing: each use says whose bytes it sees.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "base/dtype.h"

namespace skein {

inline constexpr size_t kMaxRank = 8;

// Up to kMaxRank dimensions, inline. -1 is a dynamic dimension (in a spec, never in data).
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) {
    for (int64_t dim : dims) push_back(dim);
  }
  // The caller checks that dims.size() <= kMaxRank.
  explicit Shape(std::span<const int64_t> dims) {
    for (int64_t dim : dims) push_back(dim);
  }
  size_t rank() const { return rank_; }
  bool full() const { return rank_ == kMaxRank; }
  void push_back(int64_t dim) { dims_[rank_++] = dim; }
  int64_t operator[](size_t axis) const { return dims_[axis]; }
  int64_t& operator[](size_t axis) { return dims_[axis]; }
  std::span<const int64_t> dims() const { return {dims_.data(), rank_}; }
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }
  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (size_t i = 0; i < a.rank_; ++i) {
      if (a.dims_[i] != b.dims_[i]) return false;
    }
    return true;
  }

 private:
  std::array<int64_t, kMaxRank> dims_;
  uint8_t rank_ = 0;
};

// "[2,-1,16]".
std::string to_string(const Shape& shape);

// The number of elements; nullopt when a dimension is negative or the product exceeds 2^62.
// The empty shape is a scalar: one element.
std::optional<int64_t> element_count(std::span<const int64_t> dims);

// Elements at `data`, row-major, possibly unaligned. kBytes elements are a little-endian uint32
// length followed by that many bytes, one after another (the protocol's raw form).
struct TensorView {
  DType dtype = DType::kFp32;
  Shape shape;
  const std::byte* data = nullptr;
  size_t size = 0;  // bytes
};

}  // namespace skein

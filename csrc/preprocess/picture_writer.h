// Resizes a picture, makes numbers of its pixels and puts them where they belong, while its rows
// come in: only the rows that the next output row needs are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/image_spec.h"
#include "base/status.h"
#include "preprocess/axis_weights.h"
#include "preprocess/picture_reader.h"
#include "preprocess/pixel_kernels.h"
#include "preprocess/placement.h"

namespace skein::preprocess {

// One axis of the picture as its rows come in.
struct SourceAxis {
  int64_t pixels = 0;
  double extent = 0;  // see AxisQuery
};

// What ImageSpec means for `write_planes`.
Affine affine_of(const ImageSpec& spec);

// Belongs to one thread, which keeps it: its memory and the weights of the last picture are reused.
class PictureWriter {
 public:
  // The rows of a picture of this size come next; `spec` and `to` must live until they have.
  Status begin(const ImageSpec& spec, const Affine& affine, const Placement& placement,
               SourceAxis columns, SourceAxis rows, std::byte* to);

  // The next rows, 1 to kRowGroup, each followed by kRowSlack readable bytes.
  void push(const uint8_t* const* rows, size_t count);

  void trim();

 private:
  void resize_group(const uint8_t* const* rows, size_t count);
  void write_rows();
  void write_row(const Pixel* row, int64_t number);
  // Whether the pixels of a row lie side by side in planes of the output.
  bool contiguous() const {
    return spec_->layout == ImageLayout::kNchw && placement_.columns.stride == 1;
  }
  Pixel* ring_row(int64_t row) { return ring_ + static_cast<size_t>(row % capacity_) * values_; }

  const ImageSpec* spec_ = nullptr;
  const Affine* affine_ = nullptr;
  Placement placement_;
  std::byte* to_ = nullptr;

  AxisQuery columns_query_;
  AxisQuery rows_query_;
  AxisWeights columns_;
  AxisWeights rows_;
  size_t values_ = 0;     // of a resized row
  int64_t capacity_ = 0;  // rows of the ring
  int64_t source_rows_ = 0;
  int64_t pushed_ = 0;   // rows so far
  int64_t written_ = 0;  // output rows so far
  Scratch ring_memory_;
  Pixel* ring_ = nullptr;
  Pixel* row_ = nullptr;         // a resized row
  std::byte* planes_ = nullptr;  // it as elements, where they go to scattered places
  std::vector<const Pixel*> taps_;
};

// Fills the whole output with the colour that surrounds fitted pictures.
void fill_output(const ImageSpec& spec, const Affine& affine, std::byte* to);

}  // namespace skein::preprocess

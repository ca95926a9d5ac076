// The loops over pixels, compiled for several instruction sets; the best one is chosen when they
// first run. All give the same results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/dtype.h"
#include "preprocess/axis_weights.h"

namespace skein::preprocess {

inline constexpr size_t kRowGroup = 4;     // rows that go through `resize_columns` together
inline constexpr size_t kRowSlack = 16;    // readable bytes that follow the pixels of a row
inline constexpr size_t kTaps = 2;         // AxisWeights::taps are a multiple of it
inline constexpr int kFractionBits = 6;    // of Pixel
inline constexpr size_t kPixelValues = 4;  // of a resized pixel: red, green, blue and one unused

// A channel between 0 and 255 << kFractionBits.
using Pixel = int16_t;

// Values in a row of `pixels` resized pixels: what the loops may read and write, whole vectors.
inline size_t row_values(size_t pixels) { return (pixels * kPixelValues + 127) / 128 * 128; }

// Resizes kRowGroup rows of RGB bytes along their columns. A `to` has row_values(pixels).
void resize_columns(const AxisWeights& columns, const uint8_t* const rows[kRowGroup],
                    Pixel* const to[kRowGroup]);

// The weighted sum of `taps` rows, a multiple of kTaps; all have `values`, of row_values().
void resize_rows(const Pixel* const* rows, const int16_t* weights, size_t taps, size_t values,
                 Pixel* to);

// value = (pixel - center) * factor, by channel of the picture: red, green, blue.
struct Affine {
  float center[3];
  float factor[3];
  bool gray = false;  // all go into one, which the first of both apply to
};

// Writes `pixels` elements to each plane (one if gray) in the datatype, rounded to the nearest and
// clipped where that is an integer.
void write_planes(const Pixel* row, size_t pixels, const Affine& affine, DType dtype,
                  std::byte* const planes[3]);

// The name of the instruction set in use, such as "AVX2".
const char* instruction_set();

// Of every compiled instruction set that this processor has, as Highway's bits.
std::vector<int64_t> instruction_sets();
// Until called with 0, only those of the bits are used. For tests, while no picture is prepared.
void use_instruction_sets(int64_t bits);

}  // namespace skein::preprocess

// What each resized pixel of one axis takes from which pixels of the source.
#pragma once

#include <cstdint>
#include <vector>

#include "base/image_spec.h"

namespace skein::preprocess {

inline constexpr int kWeightBits = 14;  // a weight of 1 is 1 << kWeightBits

struct AxisQuery {
  int64_t source = 0;  // pixels there are
  double extent = 0;   // how much of them is picture: a scaled JPEG ends within its last pixel
  int64_t resized = 0;
  int64_t first = 0;  // of the resized pixels those from `first` on are wanted
  int64_t count = 0;
  ResizeFilter filter = ResizeFilter::kBilinear;
  int multiple = 1;  // taps are filled up to a multiple of it

  friend bool operator==(const AxisQuery&, const AxisQuery&) = default;
};

// Pixel i is the sum over t of weights[i * taps + t] times source pixel starts[i] + t. Weights of
// one pixel sum up to 1 << kWeightBits. Unused taps weigh 0; where there are more taps than source
// pixels they lie beyond the end.
struct AxisWeights {
  int64_t taps = 0;
  std::vector<int32_t> starts;
  std::vector<int16_t> weights;
};

// The taps that `query` needs, before there is memory for them.
int64_t taps_of(const AxisQuery& query);

// Widens the filter where the picture gets smaller, as Pillow does. Reuses the memory of `made`.
void make_weights(const AxisQuery& query, AxisWeights& made);

}  // namespace skein::preprocess

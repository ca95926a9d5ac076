// Where the pixels of a picture go: pure geometry.
#pragma once

#include <cstdint>

#include "base/image_spec.h"
#include "preprocess/orientation.h"

namespace skein::preprocess {

// One axis of the decoded picture: it is resized to `resized` pixels, of which `count` from `first`
// on are kept. The first one kept goes to element `origin` of the output (summed over both axes),
// each next one `stride` further.
struct AxisPlacement {
  int64_t source = 0;
  int64_t resized = 0;
  int64_t first = 0;
  int64_t count = 0;
  int64_t origin = 0;
  int64_t stride = 0;
};

struct Placement {
  AxisPlacement columns;
  AxisPlacement rows;

  bool covers(const ImageSpec& spec) const {
    return columns.count * rows.count == spec.height * spec.width;
  }
};

// `width` and `height` are the decoded picture's, 1 to 65,535.
Placement place(const ImageSpec& spec, int64_t width, int64_t height, Orientation orientation);

// The largest of 8, 4, 2 and 1 by which both sides may be divided and still be as large as what
// they are resized to.
int covering_divisor(const Placement& placement);

}  // namespace skein::preprocess

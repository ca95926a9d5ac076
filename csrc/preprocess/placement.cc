#include "preprocess/placement.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace skein::preprocess {
namespace {

// One axis of the picture as it is shown.
struct ShownAxis {
  int64_t resized = 0;
  int64_t first = 0;  // of the resized pixels, the first that is kept
  int64_t count = 0;
  int64_t at = 0;  // of the output, where that one goes
};

// Half of what is cut away, a half rounded to even: torchvision's center_crop.
int64_t crop_offset(int64_t resized, int64_t kept) {
  int64_t cut = resized - kept;
  int64_t half = cut / 2;
  return cut % 2 == 1 && half % 2 == 1 ? half + 1 : half;
}

ShownAxis cropped(int64_t resized, int64_t kept) {
  return {resized, crop_offset(resized, kept), kept, 0};
}

ShownAxis padded(double scale, int64_t source, int64_t output) {
  auto exact = static_cast<double>(source) * scale;
  int64_t resized = std::clamp<int64_t>(std::llround(exact), 1, output);
  return {resized, 0, resized, (output - resized) / 2};
}

std::pair<ShownAxis, ShownAxis> shown(const ImageSpec& spec, int64_t width, int64_t height) {
  switch (spec.resize) {
    case ResizeMode::kShortest: {
      // Both products fit: sides have at most 16 bits. The longer side is rounded down.
      int64_t shorter = std::min(width, height);
      return {cropped(spec.shorter_side * width / shorter, spec.width),
              cropped(spec.shorter_side * height / shorter, spec.height)};
    }
    case ResizeMode::kFit: {
      double scale = std::min(static_cast<double>(spec.width) / static_cast<double>(width),
                              static_cast<double>(spec.height) / static_cast<double>(height));
      return {padded(scale, width, spec.width), padded(scale, height, spec.height)};
    }
    case ResizeMode::kStretch:
      break;
  }
  return {cropped(spec.width, spec.width), cropped(spec.height, spec.height)};
}

AxisPlacement placed(int64_t source, ShownAxis axis, int64_t stride, bool reversed) {
  AxisPlacement made{source, axis.resized, axis.first, axis.count, axis.at * stride, stride};
  if (reversed) {
    made.first = axis.resized - axis.first - axis.count;
    made.origin = (axis.at + axis.count - 1) * stride;
    made.stride = -stride;
  }
  return made;
}

}  // namespace

Placement place(const ImageSpec& spec, int64_t width, int64_t height, Orientation orientation) {
  bool turned = orientation.transposed;
  auto [across, down] = shown(spec, turned ? height : width, turned ? width : height);
  int64_t pixel = spec.layout == ImageLayout::kNhwc ? spec.channels() : 1;
  int64_t line = pixel * spec.width;
  if (turned) {
    return {placed(width, down, line, orientation.columns_reversed),
            placed(height, across, pixel, orientation.rows_reversed)};
  }
  return {placed(width, across, pixel, orientation.columns_reversed),
          placed(height, down, line, orientation.rows_reversed)};
}

int covering_divisor(const Placement& placement) {
  for (int divisor : {8, 4, 2}) {
    if (placement.columns.source >= placement.columns.resized * divisor &&
        placement.rows.source >= placement.rows.resized * divisor) {
      return divisor;
    }
  }
  return 1;
}

}  // namespace skein::preprocess

// How pictures become rows of one input of a model. A value: every default is decided.
#pragma once

#include <array>
#include <cstdint>

#include "base/dtype.h"

namespace skein {

enum class ColorOrder : uint8_t { kRgb, kBgr, kGray };
// kStretch: to the output's size. kShortest: the shorter side becomes `shorter_side`, then the
// centre is cut out. kFit: the whole picture inside the output, centred on `pad_color`.
enum class ResizeMode : uint8_t { kStretch, kShortest, kFit };
enum class ResizeFilter : uint8_t { kBox, kBilinear, kBicubic };
enum class ImageLayout : uint8_t { kNchw, kNhwc };

struct ImageSpec {
  DType dtype = DType::kFp32;  // kFp32, kFp16, kBf16, kUint8 or kInt8
  int64_t height = 224;        // of the output; 1 to 65,535
  int64_t width = 224;
  ImageLayout layout = ImageLayout::kNchw;
  ColorOrder color = ColorOrder::kRgb;  // channels of the output: 1 for kGray, else 3

  bool jpeg = true;  // what is accepted
  bool png = true;
  bool webp = true;

  ResizeMode resize = ResizeMode::kStretch;
  int64_t shorter_side = 224;  // kShortest only; at least `height` and `width`
  ResizeFilter filter = ResizeFilter::kBilinear;
  std::array<uint8_t, 3> pad_color{0, 0, 0};  // kFit only; red, green, blue
  bool orient = true;                         // turn the picture as its EXIF orientation says
  bool scaled_decoding = true;  // let a JPEG be decoded to 1/2, 1/4 or 1/8 where that covers

  // value = (pixel * scale - mean) / std, by output channel; integers are rounded and clipped.
  double scale = 1.0 / 255;
  std::array<double, 3> mean{0, 0, 0};
  std::array<double, 3> std{1, 1, 1};

  int64_t max_pixels = 40'000'000;  // width x height before anything is decoded
  int64_t max_bytes = 32 << 20;     // of one encoded picture
  int max_scans = 50;               // of a progressive JPEG

  int64_t channels() const { return color == ColorOrder::kGray ? 1 : 3; }
};

}  // namespace skein

#include "preprocess/orientation.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace skein::preprocess {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShortType = 3;

// Numbers at checked places; what lies outside reads as 0.
struct Numbers {
  Bytes bytes;
  bool little = false;

  uint32_t at(size_t offset, size_t width) const {
    if (offset > bytes.size() || bytes.size() - offset < width) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      size_t place = offset + (little ? width - 1 - i : i);
      value = value << 8 | static_cast<uint32_t>(bytes[place]);
    }
    return value;
  }
};

bool starts_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

Bytes without(Bytes bytes, std::string_view prefix) {
  return starts_with(bytes, prefix) ? bytes.subspan(prefix.size()) : bytes;
}

// `tiff`: the block that starts with II or MM. Only its first directory counts.
int orientation_in(Bytes tiff) {
  if (!starts_with(tiff, "II*\0"sv) && !starts_with(tiff, "MM\0*"sv)) return 1;
  Numbers numbers{tiff, tiff[0] == std::byte{'I'}};
  size_t directory = numbers.at(4, 4);
  size_t count = numbers.at(directory, 2);
  for (size_t i = 0; i < count; ++i) {
    size_t entry = directory + 2 + 12 * i;
    if (entry >= tiff.size()) break;
    if (numbers.at(entry, 2) != kOrientationTag) continue;
    if (numbers.at(entry + 2, 2) != kShortType) return 1;
    uint32_t value = numbers.at(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// The APP1 segment with EXIF ahead of the first scan.
Bytes exif_of_jpeg(Bytes jpeg) {
  Numbers numbers{jpeg};
  size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == std::byte{0xFF}) {
    uint32_t marker = numbers.at(at + 1, 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    size_t length = numbers.at(at + 2, 2);
    if (marker == 0xDA || marker == 0xD9 || length < 2 || jpeg.size() - at - 2 < length) break;
    Bytes segment = jpeg.subspan(at + 4, length - 2);
    if (marker == 0xE1 && starts_with(segment, "Exif\0\0"sv)) return segment.subspan(6);
    at += 2 + length;
  }
  return {};
}

Bytes exif_of_png(Bytes png) {
  Numbers numbers{png};
  size_t at = 8;
  while (at + 12 <= png.size()) {
    size_t length = numbers.at(at, 4);
    if (png.size() - at - 12 < length) break;
    if (starts_with(png.subspan(at + 4), "eXIf"sv)) return png.subspan(at + 8, length);
    at += 12 + length;
  }
  return {};
}

Bytes exif_of_webp(Bytes webp) {
  Numbers numbers{webp, true};
  size_t at = 12;
  while (at + 8 <= webp.size()) {
    size_t length = numbers.at(at + 4, 4);
    if (webp.size() - at - 8 < length) break;
    if (starts_with(webp.subspan(at), "EXIF"sv)) {
      return without(webp.subspan(at + 8, length), "Exif\0\0"sv);
    }
    at += 8 + length + length % 2;
  }
  return {};
}

}  // namespace

Orientation orientation_of(int exif) {
  switch (exif) {
    case 2:
      return {.columns_reversed = true};
    case 3:
      return {.columns_reversed = true, .rows_reversed = true};
    case 4:
      return {.rows_reversed = true};
    case 5:
      return {.transposed = true};
    case 6:
      return {.transposed = true, .rows_reversed = true};
    case 7:
      return {.transposed = true, .columns_reversed = true, .rows_reversed = true};
    case 8:
      return {.transposed = true, .columns_reversed = true};
    default:
      return {};
  }
}

int exif_orientation(PictureFormat format, Bytes encoded) {
  switch (format) {
    case PictureFormat::kJpeg:
      return orientation_in(exif_of_jpeg(encoded));
    case PictureFormat::kPng:
      return orientation_in(exif_of_png(encoded));
    case PictureFormat::kWebp:
      return orientation_in(exif_of_webp(encoded));
    case PictureFormat::kUnknown:
      break;
  }
  return 1;
}

}  // namespace skein::preprocess

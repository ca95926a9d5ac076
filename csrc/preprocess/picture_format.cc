#include "preprocess/picture_format.h"

#include <algorithm>
#include <array>

namespace skein::preprocess {
namespace {

using namespace std::string_view_literals;

bool has(std::span<const std::byte> encoded, std::string_view magic, size_t at = 0) {
  if (encoded.size() < at + magic.size()) return false;
  std::string_view there(reinterpret_cast<const char*>(encoded.data()) + at, magic.size());
  return there == magic;
}

struct Foreign {
  std::string_view magic;
  std::string_view name;
  size_t at = 0;
};
// Formats that clients send by mistake.
constexpr std::array<Foreign, 7> kForeign{{
    {"GIF8"sv, "a GIF"},
    {"BM"sv, "a BMP"},
    {"II*\0"sv, "a TIFF"},
    {"MM\0*"sv, "a TIFF"},
    {"ftyp"sv, "an AVIF, HEIF or MP4", 4},
    {"%PDF"sv, "a PDF"},
    {"\x93NUMPY"sv, "a .npy file"},
}};

}  // namespace

std::string_view name(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return "JPEG";
    case PictureFormat::kPng:
      return "PNG";
    case PictureFormat::kWebp:
      return "WebP";
    case PictureFormat::kUnknown:
      break;
  }
  return "unknown";
}

PictureFormat picture_format(std::span<const std::byte> encoded) {
  if (has(encoded, "\xFF\xD8\xFF"sv)) return PictureFormat::kJpeg;
  if (has(encoded, "\x89PNG\r\n\x1A\n"sv)) return PictureFormat::kPng;
  if (has(encoded, "RIFF"sv) && has(encoded, "WEBP"sv, 8)) return PictureFormat::kWebp;
  return PictureFormat::kUnknown;
}

std::string describe_unknown(std::span<const std::byte> encoded) {
  if (encoded.empty()) return "it has 0 bytes";
  for (const Foreign& each : kForeign) {
    if (has(encoded, each.magic, each.at)) return "it is " + std::string(each.name);
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "it starts with the bytes";
  for (size_t i = 0; i < std::min<size_t>(encoded.size(), 8); ++i) {
    auto byte = static_cast<unsigned>(encoded[i]);
    text += {' ', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

}  // namespace skein::preprocess

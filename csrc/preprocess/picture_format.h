// Tells picture formats apart by their first bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace skein::preprocess {

enum class PictureFormat : unsigned char { kUnknown, kJpeg, kPng, kWebp };

// "JPEG", "PNG", "WebP".
std::string_view name(PictureFormat format);

PictureFormat picture_format(std::span<const std::byte> encoded);

// What stands where a picture should, for messages: "GIF", "starts with bytes 00 01 02 03".
std::string describe_unknown(std::span<const std::byte> encoded);

}  // namespace skein::preprocess

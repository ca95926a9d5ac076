#include "preprocess/image_input.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "preprocess/orientation.h"
#include "preprocess/picture_format.h"
#include "preprocess/picture_reader.h"
#include "preprocess/picture_writer.h"
#include "preprocess/placement.h"

namespace skein::preprocess {
namespace {

// What a thread keeps for its next picture.
struct Workspace {
  std::unique_ptr<PictureReader> jpeg = make_jpeg_reader();
  std::unique_ptr<PictureReader> png = make_png_reader();
  std::unique_ptr<PictureReader> webp = make_webp_reader();
  PictureWriter writer;
  Scratch last_rows;

  PictureReader& reader(PictureFormat format) {
    if (format == PictureFormat::kJpeg) return *jpeg;
    return format == PictureFormat::kPng ? *png : *webp;
  }
};

Workspace& workspace() {
  thread_local Workspace kept;
  return kept;
}

std::string accepted(const ImageSpec& spec) {
  std::string text;
  auto add = [&](bool allowed, std::string_view format) {
    if (allowed) text += (text.empty() ? "" : ", ") + std::string(format);
  };
  add(spec.jpeg, "JPEG");
  add(spec.png, "PNG");
  add(spec.webp, "WebP");
  return text;
}

Status check_format(const ImageSpec& spec, PictureFormat format,
                    std::span<const std::byte> encoded) {
  bool allowed = (format == PictureFormat::kJpeg && spec.jpeg) ||
                 (format == PictureFormat::kPng && spec.png) ||
                 (format == PictureFormat::kWebp && spec.webp);
  if (allowed) return {};
  std::string got = format == PictureFormat::kUnknown ? describe_unknown(encoded)
                                                      : "it is a " + std::string(name(format));
  return invalid_argument("image: expected " + accepted(spec) + ", but " + got);
}

// Closes whatever happens.
struct Opened {
  PictureReader& reader;
  ~Opened() { reader.close(); }
};

struct Writing {
  PictureWriter& writer;
  ~Writing() { writer.trim(); }
};

Status copy_rows(PictureReader& reader, int64_t height, PictureWriter& writer) {
  const uint8_t* rows[kReadRows];
  for (int64_t row = 0; row < height;) {
    auto count = static_cast<size_t>(std::min<int64_t>(kReadRows, height - row));
    if (Status status = reader.read(count, rows); !status.ok()) return status;
    for (size_t i = 0; i < count; i += kRowGroup) {
      writer.push(rows + i, std::min(kRowGroup, count - i));
    }
    row += static_cast<int64_t>(count);
  }
  return {};
}

bool is_computable(const ImageSpec& spec) {
  if (spec.scale <= 0 || std::min({spec.std[0], spec.std[1], spec.std[2]}) <= 0) return false;
  Affine affine = affine_of(spec);
  for (size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(affine.center[c]) || !std::isfinite(affine.factor[c])) return false;
  }
  return true;
}

Status check(const ImageSpec& spec) {
  switch (spec.dtype) {
    case DType::kFp32:
    case DType::kFp16:
    case DType::kBf16:
    case DType::kUint8:
    case DType::kInt8:
      break;
    default:
      return invalid_argument("images become FP32, FP16, BF16, UINT8 or INT8, not " +
                              std::string(name(spec.dtype)));
  }
  if (spec.height < 1 || spec.width < 1 || spec.height > kLongestSide ||
      spec.width > kLongestSide) {
    return invalid_argument("images become " + std::to_string(spec.height) + " x " +
                            std::to_string(spec.width) + " pixels; a side should have 1 to " +
                            std::to_string(kLongestSide));
  }
  int64_t least = std::max(spec.height, spec.width);
  if (spec.resize == ResizeMode::kShortest &&
      (spec.shorter_side < least || spec.shorter_side > kLongestSide)) {
    return invalid_argument("shorter_side is " + std::to_string(spec.shorter_side) +
                            "; it should be " + std::to_string(least) + " to " +
                            std::to_string(kLongestSide) + ", to cut the output out of it");
  }
  if (!is_computable(spec)) {
    return invalid_argument("scale and std should be positive, and with mean of sensible size");
  }
  if (!spec.jpeg && !spec.png && !spec.webp) return invalid_argument("no format is accepted");
  if (spec.max_pixels < 1 || spec.max_bytes < 1 || spec.max_scans < 1) {
    return invalid_argument("max_pixels, max_bytes and max_scans should be 1 or more");
  }
  return {};
}

}  // namespace

ImageInput::ImageInput(const ImageSpec& spec)
    : spec_(spec),
      affine_(affine_of(spec)),
      row_bytes_(static_cast<size_t>(spec.channels() * spec.height * spec.width) *
                 element_size(spec.dtype)) {}

Result<std::shared_ptr<const ImageInput>> ImageInput::create(const ImageSpec& spec) {
  if (Status status = check(spec); !status.ok()) return status;
  return std::shared_ptr<const ImageInput>(new ImageInput(spec));
}

Status ImageInput::decode(std::span<const std::byte> encoded, std::byte* to) const {
  if (encoded.size() > static_cast<size_t>(spec_.max_bytes)) {
    return invalid_argument("image: " + std::to_string(encoded.size()) +
                            " bytes are over the limit of " + std::to_string(spec_.max_bytes) +
                            " (max_bytes)");
  }
  PictureFormat format = picture_format(encoded);
  if (Status status = check_format(spec_, format, encoded); !status.ok()) return status;
  Workspace& space = workspace();
  Opened opened{space.reader(format)};
  Result<PictureSize> size = opened.reader.open(encoded, spec_);
  if (!size.ok()) return size.status();
  int exif = spec_.orient ? exif_orientation(format, encoded) : 1;
  Placement placement = place(spec_, size->width, size->height, orientation_of(exif));
  bool divide = spec_.scaled_decoding && opened.reader.divides();
  int divisor = divide ? covering_divisor(placement) : 1;
  Result<PictureSize> decoded = opened.reader.start(divisor);
  if (!decoded.ok()) return decoded.status();
  Writing writing{space.writer};
  if (!placement.covers(spec_)) fill_output(spec_, affine_, to);
  Status begun = writing.writer.begin(
      spec_, affine_, placement, {decoded->width, static_cast<double>(size->width) / divisor},
      {decoded->height, static_cast<double>(size->height) / divisor}, to);
  if (!begun.ok()) return begun;
  return copy_rows(opened.reader, decoded->height, writing.writer);
}

Status ImageInput::convert(const std::byte* rgb, int64_t height, int64_t width,
                           std::byte* to) const {
  if (Status status = check_size("pixels", {width, height}, spec_); !status.ok()) return status;
  Workspace& space = workspace();
  Writing writing{space.writer};
  Placement placement = place(spec_, width, height, {});
  if (!placement.covers(spec_)) fill_output(spec_, affine_, to);
  Status begun =
      writing.writer.begin(spec_, affine_, placement, {width, static_cast<double>(width)},
                           {height, static_cast<double>(height)}, to);
  if (!begun.ok()) return begun;
  auto stride = static_cast<size_t>(width) * 3;
  const uint8_t* pixels = reinterpret_cast<const uint8_t*>(rgb);
  const uint8_t* rows[kRowGroup];
  for (int64_t row = 0; row < height; row += static_cast<int64_t>(kRowGroup)) {
    auto count = static_cast<size_t>(std::min<int64_t>(kRowGroup, height - row));
    for (size_t i = 0; i < count; ++i) {
      size_t begin = (static_cast<size_t>(row) + i) * stride;
      rows[i] = pixels + begin;
      if (begin + stride + kRowSlack > static_cast<size_t>(height) * stride) {
        // Nothing readable may follow the last rows.
        uint8_t* copy = space.last_rows.need(kRowGroup * (stride + kRowSlack));
        rows[i] = copy + i * (stride + kRowSlack);
        std::memcpy(copy + i * (stride + kRowSlack), pixels + begin, stride);
      }
    }
    writing.writer.push(rows, count);
  }
  return {};
}

}  // namespace skein::preprocess

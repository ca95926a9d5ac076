// Decodes one picture after another, row by row. A reader belongs to one thread, which keeps it:
// its memory is reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/image_spec.h"
#include "base/status.h"
#include "preprocess/picture_format.h"

namespace skein::preprocess {

inline constexpr int64_t kLongestSide = 65535;  // pixels
// Rows that are decoded before they are used: the more, the less the decoder and what follows push
// each other out of the cache. As many as a row of JPEG's largest usual blocks has.
inline constexpr size_t kReadRows = 16;

struct PictureSize {
  int64_t width = 0;
  int64_t height = 0;
};

// In order: open, start, read until all rows are there, close (also after an error).
class PictureReader {
 public:
  virtual ~PictureReader() = default;

  // Reads what stands before the pixels and holds it against the limits of `spec`. `encoded` must
  // live until close().
  virtual Result<PictureSize> open(std::span<const std::byte> encoded, const ImageSpec& spec) = 0;

  // Whether start() takes divisors above 1.
  virtual bool divides() const { return false; }
  // Decodes to 1/divisor of the size, rounded up.
  virtual Result<PictureSize> start(int divisor) = 0;

  // The next `count` rows, RGB, each followed by kRowSlack readable bytes, valid until the next
  // call. There must be so many left, and at most kReadRows.
  virtual Status read(size_t count, const uint8_t** rows) = 0;

  virtual void close() = 0;
};

std::unique_ptr<PictureReader> make_jpeg_reader();
std::unique_ptr<PictureReader> make_png_reader();
std::unique_ptr<PictureReader> make_webp_reader();

// INVALID_ARGUMENT that names the format.
Status bad_picture(PictureFormat format, std::string_view problem);
// `what`: "JPEG image" or "pixels", for the message.
Status check_size(std::string_view what, PictureSize size, const ImageSpec& spec);

// Memory that grows and is kept, up to `kKept`.
class Scratch {
 public:
  // At least `size` bytes, 64-byte aligned; the former content is lost.
  uint8_t* need(size_t size);
  // Gives back what is too large to keep.
  void trim();

 private:
  static constexpr size_t kKept = 4 << 20;
  struct Free {
    void operator()(uint8_t* bytes) const;
  };
  std::unique_ptr<uint8_t, Free> bytes_;
  size_t size_ = 0;
};

}  // namespace skein::preprocess

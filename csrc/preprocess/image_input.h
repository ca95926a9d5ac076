// Makes rows of an input of a model from pictures: the same code in serving and in training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/image_spec.h"
#include "base/status.h"
#include "preprocess/pixel_kernels.h"

namespace skein::preprocess {

// Immutable; threads share it, and each keeps some memory for its next picture (a few MB at most).
// While a picture is decoded more is held: per pixel of a progressive JPEG up to 6 bytes, of a WebP
// about 7, of an interlaced PNG 3; of others a few rows.
class ImageInput {
 public:
  // INVALID_ARGUMENT for a specification that contradicts itself.
  static Result<std::shared_ptr<const ImageInput>> create(const ImageSpec& spec);

  // Bytes of one prepared picture: channels x height x width elements.
  size_t row_bytes() const { return row_bytes_; }
  const ImageSpec& spec() const { return spec_; }

  // Decodes an encoded picture into row_bytes() bytes at `to`, which need not be aligned to the
  // datatype. INVALID_ARGUMENT, with undefined bytes at `to`, says what is wrong with it.
  Status decode(std::span<const std::byte> encoded, std::byte* to) const;

  // The same for pixels: height x width x 3 bytes at `rgb`, rows one after another.
  Status convert(const std::byte* rgb, int64_t height, int64_t width, std::byte* to) const;

 private:
  explicit ImageInput(const ImageSpec& spec);

  ImageSpec spec_;
  Affine affine_;
  size_t row_bytes_;
};

}  // namespace skein::preprocess

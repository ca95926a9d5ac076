#include "preprocess/picture_reader.h"

#include <new>
#include <string>

namespace skein::preprocess {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

Status bad_picture(PictureFormat format, std::string_view problem) {
  return invalid_argument(std::string(name(format)) + " image: " + std::string(problem));
}

Status check_size(std::string_view what, PictureSize size, const ImageSpec& spec) {
  std::string shown = std::string(what) + " of " + std::to_string(size.width) + " x " +
                      std::to_string(size.height) + ": ";
  if (size.width < 1 || size.height < 1) {
    return invalid_argument(shown + "both sides must be at least 1 pixel");
  }
  if (size.width > kLongestSide || size.height > kLongestSide) {
    return invalid_argument(shown + "a side may have at most " + std::to_string(kLongestSide) +
                            " pixels");
  }
  if (size.width * size.height > spec.max_pixels) {
    return invalid_argument(shown + std::to_string(size.width * size.height) +
                            " pixels are over the limit of " + std::to_string(spec.max_pixels) +
                            " (max_pixels)");
  }
  return {};
}

void Scratch::Free::operator()(uint8_t* bytes) const { ::operator delete(bytes, kAlignment); }

uint8_t* Scratch::need(size_t size) {
  if (size > size_) {
    bytes_.reset();
    size_ = 0;
    bytes_.reset(static_cast<uint8_t*>(::operator new(size, kAlignment)));
    size_ = size;
  }
  return bytes_.get();
}

void Scratch::trim() {
  if (size_ <= kKept) return;
  bytes_.reset();
  size_ = 0;
}

}  // namespace skein::preprocess

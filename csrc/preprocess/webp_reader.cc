// WebP by libwebp, which decodes the whole picture at once.
#include <webp/decode.h>

#include "preprocess/picture_reader.h"
#include "preprocess/pixel_kernels.h"

namespace skein::preprocess {
namespace {

const char* problem_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "cannot be decoded: it is cut short";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "uses a feature that is not supported";
    default:
      return "cannot be decoded: its data is damaged";
  }
}

class WebpReader : public PictureReader {
 public:
  Result<PictureSize> open(std::span<const std::byte> encoded, const ImageSpec& spec) override {
    encoded_ = encoded;
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(bytes(), encoded.size(), &features);
    if (status != VP8_STATUS_OK) return bad_picture(PictureFormat::kWebp, problem_of(status));
    if (features.has_animation != 0) {
      return bad_picture(PictureFormat::kWebp, "is animated; send one picture");
    }
    size_ = {features.width, features.height};
    if (Status fits = check_size("WebP image", size_, spec); !fits.ok()) return fits;
    return size_;
  }

  Result<PictureSize> start(int) override {
    next_ = 0;
    stride_ = static_cast<size_t>(size_.width) * 3;
    size_t size = stride_ * static_cast<size_t>(size_.height);
    pixels_ = memory_.need(size + kRowSlack);
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) return internal("libwebp is of another version");
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {pixels_, static_cast<int>(stride_), size};
    VP8StatusCode status = WebPDecode(bytes(), encoded_.size(), &config);
    if (status == VP8_STATUS_OUT_OF_MEMORY) {
      return resource_exhausted("WebP image: no memory to decode it");
    }
    if (status != VP8_STATUS_OK) return bad_picture(PictureFormat::kWebp, problem_of(status));
    return size_;
  }

  Status read(size_t count, const uint8_t** rows) override {
    for (size_t i = 0; i < count; ++i) rows[i] = pixels_ + (next_ + i) * stride_;
    next_ += count;
    return {};
  }

  void close() override { memory_.trim(); }

 private:
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(encoded_.data()); }

  std::span<const std::byte> encoded_;
  PictureSize size_;
  Scratch memory_;
  uint8_t* pixels_ = nullptr;
  size_t stride_ = 0;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<PictureReader> make_webp_reader() { return std::make_unique<WebpReader>(); }

}  // namespace skein::preprocess

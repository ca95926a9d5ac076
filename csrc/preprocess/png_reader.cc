// PNG by libpng. Its errors come by longjmp: functions that call setjmp hold nothing that needs a
// destructor while they are in the library.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "preprocess/picture_reader.h"
#include "preprocess/pixel_kernels.h"

namespace skein::preprocess {
namespace {

class PngReader : public PictureReader {
 public:
  ~PngReader() override { PngReader::close(); }

  Result<PictureSize> open(std::span<const std::byte> encoded, const ImageSpec& spec) override {
    left_ = encoded;
    error_[0] = '\0';
    next_ = 0;
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &on_error, &on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) return resource_exhausted("PNG image: no memory to decode it");
    if (!read_header()) return problem();
    PictureSize size{png_get_image_width(png_, info_), png_get_image_height(png_, info_)};
    if (Status status = check_size("PNG image", size, spec); !status.ok()) return status;
    size_ = size;
    return size;
  }

  Result<PictureSize> start(int) override {
    if (!start_decoding()) return problem();
    auto height = static_cast<size_t>(size_.height);
    stride_ = static_cast<size_t>(size_.width) * 3 + kRowSlack;
    size_t kept = interlaced_ ? height : kReadRows;
    uint8_t* memory = memory_.need(kept * stride_);
    rows_.resize(kept);
    for (size_t i = 0; i < kept; ++i) rows_[i] = memory + i * stride_;
    if (interlaced_ && !read_whole()) return problem();
    return size_;
  }

  Status read(size_t count, const uint8_t** rows) override {
    if (!interlaced_ && !read_rows(count)) return problem();
    std::copy_n(rows_.begin() + static_cast<long>(interlaced_ ? next_ : 0), count, rows);
    next_ += count;
    bool last = next_ == static_cast<size_t>(size_.height);
    return last && !read_end() ? problem() : Status();
  }

  void close() override {
    png_destroy_read_struct(&png_, &info_, nullptr);
    memory_.trim();
  }

 private:
  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, &supply);
    png_set_user_limits(png_, kLongestSide, kLongestSide);
    png_set_chunk_malloc_max(png_, 1 << 20);
    // What only describes the picture is not even unpacked.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kIgnored,
                                static_cast<int>(sizeof(kIgnored) / 5));
    png_read_info(png_, info_);
    return true;
  }

  // To RGB bytes: transparency is dropped, of 16 bits the upper eight are kept.
  bool start_decoding() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    interlaced_ = png_set_interlace_handling(png_) > 1;
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != static_cast<size_t>(size_.width) * 3) {
      png_error(png_, "its pixels do not become RGB");
    }
    return true;
  }

  bool read_whole() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows_.data());
    return true;
  }

  bool read_rows(size_t count) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    for (size_t i = 0; i < count; ++i) png_read_row(png_, rows_[i], nullptr);
    return true;
  }

  bool read_end() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_end(png_, nullptr);
    return true;
  }

  static void supply(png_structp png, png_bytep to, size_t size) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self->left_.size()) png_error(png, "it is cut short");
    std::memcpy(to, self->left_.data(), size);
    self->left_ = self->left_.subspan(size);
  }

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(self->error_, sizeof(self->error_), "%s", message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  Status problem() const {
    return bad_picture(PictureFormat::kPng, std::string("cannot be decoded: ") + error_);
  }

  static constexpr png_byte kIgnored[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0"
      "tEXt\0tIME\0zTXt";

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> left_;
  char error_[128] = {};
  PictureSize size_;
  bool interlaced_ = false;
  size_t next_ = 0;
  size_t stride_ = 0;
  Scratch memory_;
  std::vector<png_bytep> rows_;
};

}  // namespace

std::unique_ptr<PictureReader> make_png_reader() { return std::make_unique<PngReader>(); }

}  // namespace skein::preprocess

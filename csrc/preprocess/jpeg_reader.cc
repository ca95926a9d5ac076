// JPEG by libjpeg-turbo. Its errors come by longjmp: functions that call setjmp hold nothing that
// needs a destructor while they are in the library.
// jpeglib.h needs what stands before it:
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <string>

#include "preprocess/picture_reader.h"
#include "preprocess/pixel_kernels.h"

namespace skein::preprocess {
namespace {

struct Errors {
  jpeg_error_mgr manager;  // first: the library hands it back
  jmp_buf jump;
};

[[noreturn]] void fail(j_common_ptr info) {
  std::longjmp(reinterpret_cast<Errors*>(info->err)->jump, 1);
}

// A level of -1 is a warning: the decoder found damage and would go on with made-up pixels.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // these do not touch the pixels
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
      return;
    default:
      fail(info);
  }
}

struct Progress {
  jpeg_progress_mgr manager;  // first: the library hands it back
  int max_scans = 0;
  bool exceeded = false;
};

// Called for every row of every scan.
void count_scans(j_common_ptr info) {
  auto* progress = reinterpret_cast<Progress*>(info->progress);
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= progress->max_scans) return;
  progress->exceeded = true;
  fail(info);
}

// Ink as Adobe stores it, inverted: 255 is none.
void cmyk_to_rgb(const uint8_t* cmyk, size_t pixels, uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>((cmyk[c] * cmyk[3] + 127) / 255);
    }
  }
}

// To aligned rows libjpeg-turbo writes past the cache, from where they are wanted at once.
constexpr size_t kMisaligned = 8;

class JpegReader : public PictureReader {
 public:
  JpegReader() {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = &fail;
    errors_.manager.emit_message = &on_message;
    progress_.manager.progress_monitor = &count_scans;
  }
  ~JpegReader() override {
    if (created_) jpeg_destroy_decompress(&info_);
  }

  Result<PictureSize> open(std::span<const std::byte> encoded, const ImageSpec& spec) override {
    progress_.max_scans = spec.max_scans;
    progress_.exceeded = false;
    if (!read_header(encoded)) return problem();
    PictureSize size{info_.image_width, info_.image_height};
    if (Status status = check_size("JPEG image", size, spec); !status.ok()) return status;
    if (size.width * size.height > most_pixels(encoded.size())) {
      return bad_picture(PictureFormat::kJpeg,
                         std::to_string(encoded.size()) + " bytes are too few for " +
                             std::to_string(size.width) + " x " + std::to_string(size.height) +
                             " pixels; it is cut short or forged");
    }
    return size;
  }

  bool divides() const override { return true; }

  Result<PictureSize> start(int divisor) override {
    if (!start_decoding(divisor)) return problem();
    size_t width = info_.output_width;
    stride_ = (width * 3 + kRowSlack + 63) / 64 * 64;
    size_t inks_size = inks() ? width * 4 : 0;
    uint8_t* memory = rows_.need(kReadRows * stride_ + inks_size + kMisaligned) + kMisaligned;
    for (size_t i = 0; i < kReadRows; ++i) row_[i] = memory + i * stride_;
    ink_row_ = memory + kReadRows * stride_;
    return PictureSize{info_.output_width, info_.output_height};
  }

  Status read(size_t count, const uint8_t** rows) override {
    if (!(inks() ? read_inks(count) : read_rows(count))) return problem();
    std::copy_n(row_, count, rows);
    return {};
  }

  void close() override {
    if (created_) jpeg_abort_decompress(&info_);
    rows_.trim();
  }

 private:
  // A block of 64 pixels takes a bit at least, unless bits are coded arithmetically.
  int64_t most_pixels(size_t bytes) const {
    return info_.arith_code ? kLongestSide * kLongestSide : static_cast<int64_t>(bytes) * 8 * 64;
  }

  bool inks() const { return info_.out_color_space == JCS_CMYK; }

  bool read_header(std::span<const std::byte> encoded) {
    if (setjmp(errors_.jump) != 0) return false;
    if (!created_) {
      jpeg_create_decompress(&info_);
      created_ = true;
    }
    info_.progress = &progress_.manager;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(encoded.data()), encoded.size());
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  bool start_decoding(int divisor) {
    if (setjmp(errors_.jump) != 0) return false;
    bool four = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = four ? JCS_CMYK : JCS_RGB;
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(divisor);
    info_.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info_);
    return true;
  }

  bool read_rows(size_t count) {
    if (setjmp(errors_.jump) != 0) return false;
    for (JDIMENSION done = 0; done < count;) {
      done += jpeg_read_scanlines(&info_, row_ + done, static_cast<JDIMENSION>(count - done));
    }
    return true;
  }

  bool read_inks(size_t count) {
    if (setjmp(errors_.jump) != 0) return false;
    for (size_t i = 0; i < count; ++i) {
      jpeg_read_scanlines(&info_, &ink_row_, 1);
      cmyk_to_rgb(ink_row_, info_.output_width, row_[i]);
    }
    return true;
  }

  Status problem() {
    if (progress_.exceeded) {
      return bad_picture(PictureFormat::kJpeg, "has more scans than the limit of " +
                                                   std::to_string(progress_.max_scans) +
                                                   " (max_scans)");
    }
    char text[JMSG_LENGTH_MAX] = {};
    errors_.manager.format_message(reinterpret_cast<j_common_ptr>(&info_), text);
    return bad_picture(PictureFormat::kJpeg, std::string("cannot be decoded: ") + text);
  }

  jpeg_decompress_struct info_{};
  Errors errors_{};
  Progress progress_{};
  bool created_ = false;
  Scratch rows_;
  size_t stride_ = 0;
  JSAMPROW row_[kReadRows] = {};
  JSAMPROW ink_row_ = nullptr;
};

}  // namespace

std::unique_ptr<PictureReader> make_jpeg_reader() { return std::make_unique<JpegReader>(); }

}  // namespace skein::preprocess

#include "preprocess/image_input.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "preprocess/pixel_kernels.h"

namespace skein::preprocess {
namespace {

using Bytes = std::vector<std::byte>;

std::shared_ptr<const ImageInput> make(const ImageSpec& spec) {
  auto made = ImageInput::create(spec);
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.value();
}

ImageSpec plain(DType dtype, int64_t height, int64_t width) {
  ImageSpec spec;
  spec.dtype = dtype;
  spec.height = height;
  spec.width = width;
  spec.shorter_side = std::max(height, width);
  spec.scale = 1;
  return spec;
}

Bytes noise(int64_t height, int64_t width) {
  std::mt19937 random(7);
  Bytes pixels(static_cast<size_t>(height * width * 3));
  for (std::byte& each : pixels) each = static_cast<std::byte>(random());
  return pixels;
}

// Exactly as large as the pixels: a sanitizer sees reads past the last row.
Bytes convert(const ImageInput& input, const Bytes& pixels, int64_t height, int64_t width) {
  Bytes made(input.row_bytes());
  Status status = input.convert(pixels.data(), height, width, made.data());
  EXPECT_TRUE(status.ok()) << status.message();
  return made;
}

template <class T>
std::vector<T> values(const Bytes& bytes) {
  std::vector<T> made(bytes.size() / sizeof(T));
  std::memcpy(made.data(), bytes.data(), bytes.size());
  return made;
}

// Restores the choice of the instruction set.
struct EverySet {
  ~EverySet() { use_instruction_sets(0); }
};

TEST(ImageInput, EveryInstructionSetGivesTheSameBytes) {
  EverySet restore;
  const std::vector<int64_t> sets = instruction_sets();
  EXPECT_GT(sets.size(), 1u);
  const std::pair<int64_t, int64_t> sizes[] = {{1, 1}, {3, 7}, {61, 97}, {300, 211}, {1, 5000}};
  for (DType dtype : {DType::kFp32, DType::kFp16, DType::kBf16, DType::kUint8, DType::kInt8}) {
    for (ResizeFilter filter :
         {ResizeFilter::kBox, ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
      ImageSpec spec = plain(dtype, 37, 83);
      spec.filter = filter;
      spec.mean = {100, 110, 120};
      spec.std = {50, 60, 70};
      auto input = make(spec);
      for (auto [height, width] : sizes) {
        Bytes pixels = noise(height, width);
        Bytes first;
        for (int64_t set : sets) {
          use_instruction_sets(set);
          Bytes made = convert(*input, pixels, height, width);
          if (first.empty()) first = made;
          EXPECT_TRUE(made == first)
              << instruction_set() << " " << name(dtype) << " " << height << " x " << width;
        }
      }
    }
  }
}

TEST(ImageInput, TheSameSizeKeepsEveryPixel) {
  Bytes pixels = noise(5, 33);
  ImageSpec spec = plain(DType::kUint8, 5, 33);
  spec.layout = ImageLayout::kNhwc;
  EXPECT_EQ(convert(*make(spec), pixels, 5, 33), pixels);
}

TEST(ImageInput, ChannelsFirstAndBgr) {
  Bytes pixels = noise(4, 21);
  ImageSpec spec = plain(DType::kUint8, 4, 21);
  spec.color = ColorOrder::kBgr;
  Bytes made = convert(*make(spec), pixels, 4, 21);
  for (size_t i = 0; i < 84; ++i) {
    EXPECT_EQ(made[i], pixels[i * 3 + 2]);
    EXPECT_EQ(made[168 + i], pixels[i * 3]);
  }
}

TEST(ImageInput, ValuesAreScaledThenCentredThenDivided) {
  Bytes pixels(3, std::byte{51});
  ImageSpec spec = plain(DType::kFp32, 1, 1);
  spec.scale = 1.0 / 255;
  spec.mean = {0.1, 0.2, 0.3};
  spec.std = {1, 2, 0.5};
  auto made = values<float>(convert(*make(spec), pixels, 1, 1));
  EXPECT_NEAR(made[0], 0.1, 1e-6);
  EXPECT_NEAR(made[1], 0.0, 1e-6);
  EXPECT_NEAR(made[2], -0.2, 1e-6);
}

TEST(ImageInput, IntegersAreRoundedAndClipped) {
  Bytes pixels = {std::byte{0}, std::byte{100}, std::byte{255}};
  ImageSpec spec = plain(DType::kInt8, 1, 1);
  spec.scale = 1.004;
  spec.mean = {128, 0, 0};
  auto made = values<int8_t>(convert(*make(spec), pixels, 1, 1));
  EXPECT_EQ(made, (std::vector<int8_t>{-128, 100, 127}));
}

TEST(ImageInput, GrayIsTheLumaOfTheColors) {
  Bytes pixels = {std::byte{255}, std::byte{0}, std::byte{0}};
  ImageSpec spec = plain(DType::kUint8, 1, 1);
  spec.color = ColorOrder::kGray;
  EXPECT_EQ(convert(*make(spec), pixels, 1, 1), (Bytes{std::byte{76}}));
}

TEST(ImageInput, FitSurroundsThePictureWithTheColor) {
  Bytes pixels(2 * 4 * 3, std::byte{200});
  ImageSpec spec = plain(DType::kUint8, 4, 4);
  spec.resize = ResizeMode::kFit;
  spec.pad_color = {1, 2, 3};
  Bytes made = convert(*make(spec), pixels, 2, 4);
  EXPECT_EQ(made[0], std::byte{1});
  EXPECT_EQ(made[16], std::byte{2});
  EXPECT_EQ(made[47], std::byte{3});
  EXPECT_EQ(made[4], std::byte{200});
  EXPECT_EQ(made[11], std::byte{200});
  EXPECT_EQ(made[12], std::byte{1});
}

TEST(ImageInput, RefusesPixelsOverTheLimits) {
  ImageSpec spec = plain(DType::kUint8, 4, 4);
  spec.max_pixels = 100;
  auto input = make(spec);
  Bytes made(input->row_bytes());
  std::byte none[1];
  for (auto [height, width] : {std::pair<int64_t, int64_t>{0, 5},
                               {5, 0},
                               {-1, 4},
                               {11, 10},
                               {int64_t{1} << 40, int64_t{1} << 40},
                               {70000, 1}}) {
    Status status = input->convert(none, height, width, made.data());
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << height << " x " << width;
  }
}

TEST(ImageInput, RefusesASideThatShrinksTooMuch) {
  ImageSpec spec = plain(DType::kUint8, 1, 4096);
  auto input = make(spec);
  Bytes pixels(65535 * 3);
  Bytes made(input->row_bytes());
  Status status = input->convert(pixels.data(), 65535, 1, made.data());
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("shrinks too much"), std::string::npos);
}

TEST(ImageInput, SaysWhatIsNoPicture) {
  auto input = make(plain(DType::kUint8, 4, 4));
  Bytes made(input->row_bytes());
  auto message = [&](std::string_view text) {
    Status status = input->decode(std::as_bytes(std::span(text)), made.data());
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  EXPECT_EQ(message(""), "image: expected JPEG, PNG, WebP, but it has 0 bytes");
  EXPECT_EQ(message("GIF89a"), "image: expected JPEG, PNG, WebP, but it is a GIF");
  EXPECT_EQ(message("\x01zz"),
            "image: expected JPEG, PNG, WebP, but it starts with the bytes 01 7A 7A");
}

TEST(ImageInput, RefusesSpecificationsThatContradictThemselves) {
  auto refused = [](auto change) {
    ImageSpec spec = plain(DType::kFp32, 8, 8);
    change(spec);
    return !ImageInput::create(spec).ok();
  };
  EXPECT_TRUE(refused([](ImageSpec& s) { s.dtype = DType::kInt64; }));
  EXPECT_TRUE(refused([](ImageSpec& s) { s.height = 0; }));
  EXPECT_TRUE(refused([](ImageSpec& s) { s.std = {1, 0, 1}; }));
  EXPECT_TRUE(refused([](ImageSpec& s) { s.jpeg = s.png = s.webp = false; }));
  EXPECT_TRUE(refused([](ImageSpec& s) {
    s.resize = ResizeMode::kShortest;
    s.shorter_side = 7;
  }));
}

}  // namespace
}  // namespace skein::preprocess

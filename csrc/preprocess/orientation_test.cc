#include "preprocess/orientation.h"

#include <gtest/gtest.h>

#include <string>

namespace skein::preprocess {
namespace {

using namespace std::string_literals;

int exif(PictureFormat format, const std::string& bytes) {
  return exif_orientation(format, std::as_bytes(std::span(bytes)));
}

// A directory with one entry: the orientation.
std::string tiff(char value, bool little = true) {
  if (little) {
    return "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + value + "\0\0\0\0\0\0\0"s;
  }
  return "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + value + "\0\0\0\0\0\0"s;
}

std::string jpeg(const std::string& block) {
  std::string segment = "Exif\0\0"s + block;
  char length = static_cast<char>(segment.size() + 2);
  return "\xFF\xD8\xFF\xE0\0\x04zz\xFF\xFF\xE1\0"s + length + segment + "\xFF\xDA"s;
}

TEST(Orientation, IsFoundInAJpegOfEitherByteOrder) {
  for (char value = 1; value <= 8; ++value) {
    EXPECT_EQ(exif(PictureFormat::kJpeg, jpeg(tiff(value))), value);
    EXPECT_EQ(exif(PictureFormat::kJpeg, jpeg(tiff(value, false))), value);
  }
}

TEST(Orientation, IsFoundInAPngAndAWebp) {
  std::string block = tiff(6);
  char length = static_cast<char>(block.size());
  std::string png = "\x89PNG\r\n\x1A\n\0\0\0\0tEXt....\0\0\0"s + length + "eXIf" + block + "....";
  EXPECT_EQ(exif(PictureFormat::kPng, png), 6);
  std::string webp = "RIFF....WEBPVP8 \x03\0\0\0abc.EXIF"s + length + "\0\0\0"s + block;
  EXPECT_EQ(exif(PictureFormat::kWebp, webp), 6);
}

TEST(Orientation, OtherNumbersMeanUpright) {
  EXPECT_EQ(exif(PictureFormat::kJpeg, jpeg(tiff(0))), 1);
  EXPECT_EQ(exif(PictureFormat::kJpeg, jpeg(tiff(9))), 1);
}

TEST(Orientation, EveryCutOfAPictureIsUprightOrRight) {
  std::string whole = jpeg(tiff(6));
  for (size_t size = 0; size < whole.size(); ++size) {
    int found = exif(PictureFormat::kJpeg, whole.substr(0, size));
    EXPECT_TRUE(found == 1 || found == 6);
  }
}

TEST(Orientation, ADirectoryOutsideTheBlockIsNone) {
  std::string block = tiff(6);
  block.replace(4, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(exif(PictureFormat::kJpeg, jpeg(block)), 1);
}

TEST(Orientation, TurnsTwiceAreNone) {
  EXPECT_EQ(orientation_of(1), Orientation{});
  EXPECT_EQ(orientation_of(3), (Orientation{.columns_reversed = true, .rows_reversed = true}));
  EXPECT_TRUE(orientation_of(5).transposed);
}

}  // namespace
}  // namespace skein::preprocess

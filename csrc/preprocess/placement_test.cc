#include "preprocess/placement.h"

#include <gtest/gtest.h>

namespace skein::preprocess {
namespace {

ImageSpec spec_of(ResizeMode resize, int64_t height, int64_t width) {
  ImageSpec spec;
  spec.resize = resize;
  spec.height = height;
  spec.width = width;
  spec.shorter_side = std::max(height, width);
  return spec;
}

TEST(Placement, StretchTakesTheWholePicture) {
  Placement made = place(spec_of(ResizeMode::kStretch, 224, 100), 640, 427, {});
  EXPECT_EQ(made.columns.resized, 100);
  EXPECT_EQ(made.columns.count, 100);
  EXPECT_EQ(made.rows.resized, 224);
  EXPECT_EQ(made.columns.stride, 1);
  EXPECT_EQ(made.rows.stride, 100);
  EXPECT_TRUE(made.covers(spec_of(ResizeMode::kStretch, 224, 100)));
}

TEST(Placement, ShortestRoundsTheLongerSideDownAndCutsOutTheCentre) {
  ImageSpec spec = spec_of(ResizeMode::kShortest, 224, 224);
  spec.shorter_side = 256;
  Placement made = place(spec, 640, 427, {});
  EXPECT_EQ(made.columns.resized, 383);  // 256 * 640 / 427 = 383.7
  EXPECT_EQ(made.columns.first, 80);     // half of 159 is 79.5: to the even one
  EXPECT_EQ(made.rows.resized, 256);
  EXPECT_EQ(made.rows.first, 16);
}

TEST(Placement, HalfAPixelOfTheCutGoesToTheEvenSide) {
  ImageSpec spec = spec_of(ResizeMode::kShortest, 10, 10);
  for (auto [width, first] : {std::pair{11, 0}, {13, 2}, {15, 2}, {17, 4}}) {
    EXPECT_EQ(place(spec, width, 10, {}).columns.first, first) << width;
  }
}

TEST(Placement, FitCentresTheWholePicture) {
  ImageSpec spec = spec_of(ResizeMode::kFit, 640, 640);
  Placement made = place(spec, 200, 100, {});
  EXPECT_EQ(made.columns.count, 640);
  EXPECT_EQ(made.rows.count, 320);
  EXPECT_EQ(made.rows.origin, 160 * 640);
  EXPECT_FALSE(made.covers(spec));
}

TEST(Placement, FitKeepsAPixelOfAVeryLongPicture) {
  Placement made = place(spec_of(ResizeMode::kFit, 32, 32), 10000, 1, {});
  EXPECT_EQ(made.rows.count, 1);
}

TEST(Placement, ATurnedPictureIsMeasuredAsItIsShown) {
  // 6: rows of the picture are columns of what is shown, the first at the right.
  Placement made = place(spec_of(ResizeMode::kStretch, 4, 3), 40, 30, orientation_of(6));
  EXPECT_EQ(made.columns.resized, 4);
  EXPECT_EQ(made.columns.stride, 3);
  EXPECT_EQ(made.rows.resized, 3);
  EXPECT_EQ(made.rows.origin, 2);
  EXPECT_EQ(made.rows.stride, -1);
}

TEST(Placement, ChannelsLastMovesByWholePixels) {
  ImageSpec spec = spec_of(ResizeMode::kStretch, 4, 5);
  spec.layout = ImageLayout::kNhwc;
  Placement made = place(spec, 9, 9, orientation_of(2));
  EXPECT_EQ(made.columns.stride, -3);
  EXPECT_EQ(made.columns.origin, 12);
  EXPECT_EQ(made.rows.stride, 15);
}

TEST(Placement, ADivisorLeavesEnoughOfBothSides) {
  auto divisor = [](int64_t width, int64_t height) {
    return covering_divisor(place(spec_of(ResizeMode::kStretch, 100, 100), width, height, {}));
  };
  EXPECT_EQ(divisor(800, 800), 8);
  EXPECT_EQ(divisor(799, 800), 4);
  EXPECT_EQ(divisor(4000, 399), 2);
  EXPECT_EQ(divisor(4000, 199), 1);
  EXPECT_EQ(divisor(50, 50), 1);
}

}  // namespace
}  // namespace skein::preprocess

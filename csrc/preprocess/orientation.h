// The EXIF orientation of an encoded picture: how it has to be turned to be seen upright.
#pragma once

#include <cstddef>
#include <span>

#include "preprocess/picture_format.h"

namespace skein::preprocess {

// A transformation of the decoded picture: its axes change places if `transposed`; reversed axes
// (of the decoded picture) run backwards in what is shown.
struct Orientation {
  bool transposed = false;
  bool columns_reversed = false;
  bool rows_reversed = false;

  friend bool operator==(const Orientation&, const Orientation&) = default;
};

// By EXIF's number, 1 to 8; any other means upright.
Orientation orientation_of(int exif);

// EXIF's number in the metadata of `encoded`; 1 where there is none or it is damaged, as viewers
// have it: metadata never makes a picture unreadable.
int exif_orientation(PictureFormat format, std::span<const std::byte> encoded);

}  // namespace skein::preprocess

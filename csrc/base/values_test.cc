#include <gtest/gtest.h>

#include "base/buffer.h"
#include "base/dtype.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/tensor.h"

namespace skein {
namespace {

TEST(DTypes, NamesRoundTrip) {
  for (int i = 0; i < kDTypeCount; ++i) {
    auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(name(dtype)), dtype);
  }
  EXPECT_EQ(dtype_from_name("FP8"), std::nullopt);
}

TEST(Codes, EveryCodeHasItsOwnName) {
  for (int i = 0; i < kCodeCount; ++i) {
    for (int j = 0; j < i; ++j) EXPECT_NE(name(static_cast<Code>(i)), name(static_cast<Code>(j)));
    EXPECT_FALSE(name(static_cast<Code>(i)).empty());
  }
}

TEST(Shapes, CountElementsWithoutOverflow) {
  auto count = [](std::initializer_list<int64_t> dims) {
    return element_count(std::span(dims.begin(), dims.size()));
  };
  EXPECT_EQ(count({}), 1);
  EXPECT_EQ(count({2, 3}), 6);
  EXPECT_EQ(count({int64_t{1} << 40, int64_t{1} << 40}), std::nullopt);
  EXPECT_EQ(count({int64_t{1} << 40, int64_t{1} << 40, 0}), std::nullopt);
  EXPECT_EQ(count({5, 0, 7}), 0);
  EXPECT_EQ(count({-1, 4}), std::nullopt);
  EXPECT_EQ(to_string(Shape{-1, 16}), "[-1,16]");
}

TEST(Buffers, LiveAsLongAsASliceOfThem) {
  Slice slice = copy_of("hello");
  Slice part{slice.owner, slice.data + 1, 3};
  slice = {};
  EXPECT_EQ(part.text(), "ell");
}

TEST(Bodies, KeepSlicesInOrder) {
  Body body;
  body.append(copy_of("ab"));
  body.append(copy_of("cde"));
  EXPECT_EQ(body.size(), 5u);
  ASSERT_EQ(body.slice_count(), 2u);
  EXPECT_EQ(body.slice(1).text(), "cde");
}

TEST(Quotes, PrefixCutsNoCharacter) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("a\xe2\x82\xac"
                        "b",
                        3),
            "a");
  EXPECT_EQ(utf8_prefix("a\xe2\x82\xac"
                        "b",
                        4),
            "a\xe2\x82\xac");
  EXPECT_EQ(utf8_prefix("\xe2\x82\xac", 0), "");
}

TEST(Quotes, LongTextsAreCutWithTheirSize) {
  EXPECT_EQ(quote("abc"), "'abc'");
  std::string cut = quote(std::string(1000, 'x'));
  EXPECT_LT(cut.size(), 200u);
  EXPECT_NE(cut.find("(1000 bytes)"), std::string::npos);
}

}  // namespace
}  // namespace skein

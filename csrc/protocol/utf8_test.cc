#include "protocol/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace skein::protocol {
namespace {

TEST(Utf8, AcceptsTheEdgesOfEveryLength) {
  for (std::string text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_TRUE(is_utf8("12345678" + text + "12345678" + text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string(3, '\0')));
}

TEST(Utf8, RefusesEverythingElse) {
  for (std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x20", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xe2\x82\x20", "\xf0\x90\x80\x20"}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_FALSE(is_utf8("12345678" + text + "12345678"));
  }
}

}  // namespace
}  // namespace skein::protocol

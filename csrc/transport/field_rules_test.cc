#include "transport/field_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace skein::transport {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Fields kUsual = {
    {":method", "POST"}, {":scheme", "http"}, {":path", "/a/b"}, {":authority", "host:1"}};

bool good(const Fields& fields) {
  FieldRules rules;
  for (const auto& [name, value] : fields) {
    if (!rules.allows(known_field(name), name, value)) return false;
  }
  return rules.complete();
}

bool good_with(const std::string& name, const std::string& value) {
  Fields fields = kUsual;
  fields.emplace_back(name, value);
  return good(fields);
}

TEST(FieldRules, usual_requests_are_good) {
  EXPECT_TRUE(good(kUsual));
  EXPECT_TRUE(good_with("te", "trailers"));
  EXPECT_TRUE(good_with("content-length", "0"));
  EXPECT_TRUE(good_with("x-any", "tab\tand \xc3\xa9 inside"));
  EXPECT_TRUE(good_with("x-empty", ""));
  EXPECT_TRUE(good({{":method", "CONNECT"}, {":authority", "host:1"}}));
  EXPECT_TRUE(good({{":method", "POST"}, {":scheme", "http"}, {":path", "/"}, {"host", "h"}}));
}

TEST(FieldRules, fields_of_one_hop_and_wrong_pseudo_fields_are_malformed) {
  const Fields table = {
      {"connection", "close"}, {"keep-alive", "1"},      {"proxy-connection", "close"},
      {"upgrade", "h2c"},      {"te", "gzip"},           {"transfer-encoding", "chunked"},
      {":path", "/late"},      {":unknown", "1"},        {"content-length", "-1"},
      {"content-length", ""},  {"content-length", "1x"}, {"content-length", "99999999999999999999"},
      {"X-Upper", "1"},        {":status", "200"},
  };
  for (const auto& [name, value] : table) {
    EXPECT_FALSE(good_with(name, value)) << name << ' ' << value;
  }
}

TEST(FieldRules, pseudo_fields_come_once_first_and_with_a_value) {
  EXPECT_FALSE(good({{"te", "trailers"}, {":method", "POST"}}));
  for (size_t left_out = 0; left_out < kUsual.size(); ++left_out) {
    Fields fields = kUsual;
    fields.erase(fields.begin() + static_cast<ptrdiff_t>(left_out));
    EXPECT_FALSE(good(fields)) << kUsual[left_out].first << " left out";
  }
  for (const char* path : {"", "relative", "/a b", "/a\x7f", "/long/enough\n/for/a/word"}) {
    EXPECT_FALSE(good({{":method", "POST"}, {":path", path}})) << path;
  }
}

TEST(FieldRules, characters_that_no_field_may_have) {
  for (std::string value : {" leading", "trailing ", "\ttab", "a\rb", "a\nb", "del\x7f",
                            "seven\x01!", "more than eight\x02 bytes", "eight b\x03"}) {
    EXPECT_FALSE(good_with("x-any", value)) << value;
  }
  EXPECT_FALSE(good_with("x-any", std::string("nul\0", 4)));
  for (const char* name : {"", "x any", "x:any", "x\x80"}) {
    EXPECT_FALSE(good_with(name, "1")) << name;
  }
}

TEST(FieldRules, the_place_of_a_wrong_byte_does_not_matter) {
  for (size_t size = 1; size <= 24; ++size) {
    EXPECT_TRUE(good_with("x-any", std::string(size, '~'))) << size;
    EXPECT_TRUE(good_with("x-any", std::string(size, '\xff'))) << size;
    for (size_t place = 0; place < size; ++place) {
      for (char wrong : {'\0', '\x1f', '\x7f'}) {
        std::string value(size, 'v');
        value[place] = wrong;
        EXPECT_FALSE(good_with("x-any", value)) << size << ' ' << place;
      }
    }
  }
}

TEST(FieldRules, content_length_is_kept_and_comes_once) {
  FieldRules rules;
  EXPECT_TRUE(rules.allows(KnownField::kContentLength, "content-length", "17"));
  EXPECT_EQ(rules.content_length(), 17u);
  EXPECT_FALSE(rules.allows(KnownField::kContentLength, "content-length", "17"));
}

TEST(FieldRules, trailers_have_no_pseudo_fields) {
  EXPECT_TRUE(FieldRules::allows_trailer("x-checksum"));
  EXPECT_FALSE(FieldRules::allows_trailer(":path"));
  EXPECT_FALSE(FieldRules::allows_trailer("X-Upper"));
}

}  // namespace
}  // namespace skein::transport

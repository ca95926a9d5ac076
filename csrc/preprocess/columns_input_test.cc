#include "preprocess/columns_input.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "preprocess/murmur_hash.h"
#include "preprocess/output_type.h"

namespace skein::preprocess {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<const ColumnsInput> make(ColumnsSpec spec) {
  auto made = ColumnsInput::create(std::move(spec));
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.ok() ? *made : nullptr;
}

std::string why_not(ColumnsSpec spec) {
  auto made = ColumnsInput::create(std::move(spec));
  return made.ok() ? "" : made.status().message();
}

ColumnsSpec one(ColumnSpec column, ColumnTransform transform, Missing missing = Missing::kError,
                ColumnValue fill = int64_t{0}) {
  return {.columns = {std::move(column)},
          .features = {{.column = 0,
                        .transform = std::move(transform),
                        .missing = missing,
                        .fill = std::move(fill)}}};
}

ColumnsSpec people() {
  return {
      .columns = {{"age", DType::kFp32}, {"city", DType::kBytes}},
      .features = {
          {.column = 0, .transform = Standardize{40, 2}, .missing = Missing::kFill, .fill = 30.0},
          {.column = 0, .transform = IsMissing{}},
          {.column = 1,
           .transform = OneHot{{"Paris", "Rome", "Oslo"}, true},
           .missing = Missing::kUnknown}}};
}

template <class T>
TensorView view(DType dtype, const std::vector<T>& values) {
  return {dtype,
          {static_cast<int64_t>(values.size())},
          reinterpret_cast<const std::byte*>(values.data()),
          values.size() * sizeof(T)};
}

class Texts {
 public:
  explicit Texts(const std::vector<std::string>& texts) : count_(texts.size()) {
    for (const std::string& text : texts) {
      uint32_t length = static_cast<uint32_t>(text.size());
      bytes_.append(reinterpret_cast<const char*>(&length), sizeof length);
      bytes_ += text;
    }
  }
  TensorView view() const {
    return {DType::kBytes,
            {static_cast<int64_t>(count_), 1},
            reinterpret_cast<const std::byte*>(bytes_.data()),
            bytes_.size()};
  }

 private:
  size_t count_;
  std::string bytes_;
};

using Floats = std::vector<float>;

Floats floats_of(const ColumnsInput& input, std::span<const TensorView> tensors, int64_t first,
                 int64_t rows) {
  Floats out(static_cast<size_t>(rows) * input.width(), -99);
  Status status = input.columns(tensors, first, rows, reinterpret_cast<std::byte*>(out.data()));
  EXPECT_TRUE(status.ok()) << status.message();
  return out;
}

Floats floats_of(const ColumnsInput& input, std::string_view row) {
  Floats out(input.width(), -99);
  Status status = input.json_rows({&row, 1}, 7, reinterpret_cast<std::byte*>(out.data()));
  EXPECT_TRUE(status.ok()) << row << ": " << status.message();
  return out;
}

std::string error_of(const ColumnsInput& input, std::string_view row) {
  std::vector<std::byte> out(input.row_bytes());
  Status status = input.json_rows({&row, 1}, 7, out.data());
  EXPECT_TRUE(status.ok() || status.code() == Code::kInvalidArgument);
  return status.message();
}

double only(const ColumnsInput& input, std::string_view row) { return floats_of(input, row).at(0); }

TEST(ColumnsInputs, ColumnsAndJsonRowsMakeTheSameMatrix) {
  auto input = make(people());
  ASSERT_EQ(input->width(), 5u);
  EXPECT_EQ(input->row_bytes(), 20u);
  std::vector<float> ages{44, NAN, 36};
  Texts cities({"Rome", "Paris", "Bern"});
  std::vector<TensorView> tensors{view(DType::kFp32, ages), cities.view()};
  Floats expected{2, 0, 0, 1, 0, -5, 1, 1, 0, 0, -2, 0, 0, 0, 0};
  EXPECT_EQ(floats_of(*input, tensors, 0, 3), expected);
  EXPECT_EQ(floats_of(*input, tensors, 1, 2), Floats(expected.begin() + 5, expected.end()));
  Texts rows({R"({"age": 44, "city": "Rome"})", R"({"city": "Paris", "age": null})",
              R"( {"age":36.0,"city":"Bern"} )"});
  Floats out(15);
  Status status = input->json(rows.view(), 0, 3, reinterpret_cast<std::byte*>(out.data()));
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(out, expected);
}

TEST(ColumnsInputs, ManyRowsAreTheSameAsOneByOne) {
  auto input = make(people());
  std::vector<float> ages;
  std::vector<std::string> cities;
  for (int i = 0; i < 200; ++i) {
    ages.push_back(i % 7 == 0 ? NAN : static_cast<float>(i));
    cities.push_back(i % 3 == 0 ? "Oslo" : i % 3 == 1 ? "" : "Rome");
  }
  Texts texts(cities);
  std::vector<TensorView> tensors{view(DType::kFp32, ages), texts.view()};
  Floats all = floats_of(*input, tensors, 0, 200);
  for (int64_t i = 0; i < 200; ++i) {
    EXPECT_EQ(floats_of(*input, tensors, i, 1), Floats(&all[i * 5], &all[i * 5] + 5)) << i;
  }
}

TEST(ColumnsInputs, ATensorLeftOutIsMissing) {
  auto input = make(people());
  Texts cities({"Oslo"});
  std::vector<TensorView> tensors{{}, cities.view()};
  EXPECT_EQ(floats_of(*input, tensors, 0, 1), (Floats{-5, 1, 0, 0, 1}));
}

TEST(ColumnsInputs, UnalignedTensorsAreRead) {
  auto input = make(one({"x", DType::kFp64}, PassThrough{}));
  std::vector<std::byte> bytes(9);
  double value = 2.5;
  std::memcpy(bytes.data() + 1, &value, sizeof value);
  std::vector<TensorView> tensors{{DType::kFp64, {1}, bytes.data() + 1, 8}};
  EXPECT_EQ(floats_of(*input, tensors, 0, 1), Floats{2.5});
}

TEST(ColumnsInputs, EveryTransformComputesWhatItSays) {
  ColumnSpec x{"x", DType::kFp64};
  EXPECT_EQ(only(*make(one(x, PassThrough{})), R"({"x": -1.5e1})"), -15);
  EXPECT_EQ(only(*make(one(x, MinMax{2, 1, 0, 4})), R"({"x": 1})"), 3);
  EXPECT_EQ(only(*make(one(x, MinMax{2, 1, 0, 4})), R"({"x": 10})"), 4);
  EXPECT_EQ(only(*make(one(x, MinMax{2, 1, 0, 4})), R"({"x": -10})"), 0);
  auto bucketize = make(one(x, Bucketize{{0, 1.5}}));
  EXPECT_EQ(only(*bucketize, R"({"x": -1})"), 0);
  EXPECT_EQ(only(*bucketize, R"({"x": 0})"), 1);
  EXPECT_EQ(only(*bucketize, R"({"x": 1.5})"), 2);
  EXPECT_EQ(floats_of(*make(one(x, Bucketize{{0, 1.5}, true})), R"({"x": 1})"), (Floats{0, 1, 0}));
  auto ordinal = make(one(x, Ordinal{{-0.0, 2.5}, -1}));
  EXPECT_EQ(only(*ordinal, R"({"x": 0})"), 0);
  EXPECT_EQ(only(*ordinal, R"({"x": 2.5})"), 1);
  EXPECT_EQ(only(*ordinal, R"({"x": 2.4})"), -1);
}

TEST(ColumnsInputs, HashesTextAndTheDigitsOfNumbersAlike) {
  EXPECT_EQ(murmur3_32("", 0), 0u);
  EXPECT_EQ(murmur3_32("hello", 0), 0x248bfa47u);
  EXPECT_EQ(murmur3_32("hello, world", 0), 0x149bbb7fu);
  auto text = make(one({"x", DType::kBytes}, HashBuckets{1000, 3}));
  auto whole = make(one({"x", DType::kInt32}, HashBuckets{1000, 3}));
  EXPECT_EQ(only(*text, R"({"x": "-42"})"), only(*whole, R"({"x": -42})"));
  EXPECT_EQ(only(*text, R"({"x": "-42"})"), murmur3_32("-42", 3) % 1000);
}

TEST(ColumnsInputs, AOneHotCategoryCanBeDropped) {
  auto input = make(one({"x", DType::kBytes}, OneHot{{"a", "b", "c"}, false, 1}));
  EXPECT_EQ(floats_of(*input, R"({"x": "a"})"), (Floats{1, 0}));
  EXPECT_EQ(floats_of(*input, R"({"x": "b"})"), (Floats{0, 0}));
  EXPECT_EQ(floats_of(*input, R"({"x": "c"})"), (Floats{0, 1}));
}

TEST(ColumnsInputs, MissingValuesFollowTheirRule) {
  ColumnSpec text{"x", DType::kBytes};
  ColumnSpec number{"x", DType::kFp64};
  for (std::string_view row : {R"({"x": null})", "{}"}) {
    EXPECT_EQ(error_of(*make(one(number, PassThrough{})), row),
              "column 'x', row 7: the value is missing, and nothing stands in");
    EXPECT_TRUE(std::isnan(only(*make(one(number, Standardize{}, Missing::kNan)), row)));
    EXPECT_EQ(only(*make(one(number, Standardize{4, 2}, Missing::kFill, int64_t{6})), row), 1);
    EXPECT_EQ(only(*make(one(text, Ordinal{{"a"}, -3}, Missing::kUnknown)), row), -3);
    EXPECT_EQ(only(*make(one(text, Ordinal{{"a"}}, Missing::kCategory)), row), 1);
    EXPECT_EQ(only(*make(one(text, Ordinal{{"a"}, {}, -2}, Missing::kCategory)), row), -2);
    EXPECT_EQ(only(*make(one(text, Ordinal{{"a", "b"}}, Missing::kFill, "b")), row), 1);
    EXPECT_EQ(floats_of(*make(one(text, OneHot{{"a"}}, Missing::kCategory)), row), (Floats{0, 1}));
  }
}

TEST(ColumnsInputs, TheEmptyTextIsMissingUnlessItIsACategory) {
  auto missing = make(one({"x", DType::kBytes}, Ordinal{{"a"}, -1}, Missing::kCategory));
  EXPECT_EQ(only(*missing, R"({"x": ""})"), 1);
  auto category = make(one({"x", DType::kBytes}, Ordinal{{"a", ""}, -1}, Missing::kUnknown));
  EXPECT_EQ(only(*category, R"({"x": ""})"), 1);
  EXPECT_EQ(only(*category, R"({"x": null})"), -1);
  Texts texts({""});
  std::vector<TensorView> tensors{texts.view()};
  EXPECT_EQ(floats_of(*category, tensors, 0, 1), Floats{1});
}

TEST(ColumnsInputs, UnknownCategoriesAreNamedWithThoseAllowed) {
  auto input = make(one({"city", DType::kBytes}, OneHot{{"Paris", "Rome"}}));
  EXPECT_EQ(error_of(*input, R"({"city": "Pariis"})"),
            "column 'city', row 7: 'Pariis' is none of the categories: 'Paris', 'Rome'; did you "
            "mean 'Paris'?");
  Texts broken({"Rome", "\xff\xfe"});
  std::vector<TensorView> tensors{broken.view()};
  std::vector<std::byte> out(2 * input->row_bytes());
  EXPECT_EQ(input->columns(tensors, 0, 2, out.data()).message(),
            "column 'city', row 1: 2 bytes that are no UTF-8 is none of the categories: 'Paris', "
            "'Rome'");
  auto numbers = make(one({"x", DType::kInt64}, Ordinal{{int64_t{1}, int64_t{2}}}));
  EXPECT_EQ(error_of(*numbers, R"({"x": 3})"),
            "column 'x', row 7: 3 is none of the categories: 1, 2");
}

TEST(ColumnsInputs, WrongTypesAreNamed) {
  auto input = make(people());
  EXPECT_EQ(error_of(*input, R"({"age": "39"})"),
            "row 7: column 'age': expected a number, got text '39'");
  EXPECT_EQ(error_of(*input, R"({"age": true})"),
            "row 7: column 'age': expected a number, got true");
  EXPECT_EQ(error_of(*input, R"({"city": 5})"), "row 7: column 'city': expected text, got 5");
  EXPECT_EQ(error_of(*input, R"({"city": [1]})"),
            "row 7: column 'city': expected text, got a list");
  EXPECT_EQ(error_of(*input, R"({"age": 1e39})"),
            "row 7: column 'age': expected a number of datatype FP32, got 1e+39");
  EXPECT_EQ(error_of(*make(one({"x", DType::kBool}, PassThrough{})), R"({"x": 1})"),
            "row 7: column 'x': expected true or false, got 1");
  auto whole = make(one({"x", DType::kUint8}, PassThrough{}));
  EXPECT_EQ(error_of(*whole, R"({"x": 256})"),
            "row 7: column 'x': expected a number of datatype UINT8, got 256");
  EXPECT_EQ(error_of(*whole, R"({"x": 1.5})"),
            "row 7: column 'x': expected a whole number, got 1.5");
  EXPECT_EQ(only(*whole, R"({"x": 12.0})"), 12);
}

TEST(ColumnsInputs, UnknownKeysAreRefusedOrPassedOver) {
  auto strict = make(people());
  EXPECT_EQ(error_of(*strict, R"({"agee": 3})"), "row 7: unknown key 'agee'; did you mean 'age'?");
  ColumnsSpec spec = people();
  spec.ignore_extra = true;
  auto loose = make(std::move(spec));
  EXPECT_EQ(floats_of(*loose, R"({"id": {"a": [1, "b", null, {}]}, "age": 40, "city": "Rome"})"),
            (Floats{0, 0, 0, 1, 0}));
  for (std::string_view row : {R"({"id": nonsense})", R"({"id": [1,]})", R"({"id": {"a" 1}})",
                               R"({"id": 1e999})", R"({"id": "\x"})", R"({"id": nulL})"}) {
    EXPECT_NE(error_of(*loose, row), "") << row;
  }
  std::string deep(100, '[');
  EXPECT_NE(error_of(*loose, R"({"id": )" + deep + std::string(100, ']') + "}"), "");
}

TEST(ColumnsInputs, EscapedTextsOfManyRowsAreTheirOwn) {
  auto input = make(one({"x", DType::kBytes}, Ordinal{{"a\"b", "caf\u00e9", "plain"}}));
  Texts rows({R"({"x": "a\"b"})", R"({"x":"caf\u00e9"})", R"({"x": "plain" })"});
  Floats out(3);
  Status status = input->json(rows.view(), 0, 3, reinterpret_cast<std::byte*>(out.data()));
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(out, (Floats{0, 1, 2}));
}

TEST(ColumnsInputs, EscapedKeysAreTheirColumns) {
  ColumnsSpec spec = one({"a\"\\b", DType::kInt8}, PassThrough{});
  auto input = make(std::move(spec));
  EXPECT_EQ(only(*input, R"({"a\"\\b": 4})"), 4);
  EXPECT_EQ(only(*input, R"({"\u0061\u0022\\b": 4})"), 4);
  EXPECT_NE(error_of(*input, R"({"a"\b": 4})"), "");
}

TEST(ColumnsInputs, WhatIsNoStrictJsonIsRefused) {
  auto input = make(people());
  std::vector<std::string> rows{"",
                                " ",
                                "null",
                                "5",
                                "[]",
                                "[{}]",
                                "{",
                                "}",
                                R"({"age": 39)",
                                R"({"age": 39}})",
                                R"({"age": 39} {})",
                                R"({"age": 39,})",
                                R"({"age" 39})",
                                R"({"age": })",
                                R"({age: 39})",
                                R"({"age": 039})",
                                R"({"age": +3})",
                                R"({"age": 1e999})",
                                R"({"age": NaN})",
                                R"({"age": Infinity})",
                                R"({"age": nul})",
                                R"({"age": nullx})",
                                R"({"age": 3 "city": "x"})",
                                "{'age': 39}",
                                R"({"age": 39, "age": 39})",
                                R"({"age": null, "age": 39})",
                                R"({"age": 39, "\u0061ge": 39})",
                                "{\"city\": \"\xff\"}",
                                "{\"city\": \"a\nb\"}",
                                R"({"city": "\ud800"})",
                                R"({"city": "Rome)",
                                R"({"city": "Rome"x})",
                                R"({"city": "R\u006fme"x})",
                                R"({"age"x: 39})",
                                R"({"age"5: 39})",
                                R"({"age": 39}x)",
                                R"({"age": 39"x"})",
                                R"({"age":)" + std::string(5000, '[') + "1"};
  for (const std::string& row : rows) {
    EXPECT_NE(error_of(*input, row), "") << row;
  }
  EXPECT_EQ(error_of(*input, std::string(kMaxRowBytes + 1, ' ')),
            "row 7: 1048577 bytes; at most 1048576 are allowed");
}

TEST(ColumnsInputs, TensorsThatDoNotFitAreRefused) {
  auto input = make(people());
  std::vector<float> ages{1, 2};
  std::vector<double> doubles{1, 2};
  Texts one_city({"Rome"});
  Texts cities({"Rome", "Oslo"});
  std::vector<std::byte> out(2 * input->row_bytes());
  auto error = [&](std::vector<TensorView> tensors) {
    return input->columns(tensors, 0, 2, out.data()).message();
  };
  EXPECT_EQ(error({view(DType::kFp32, ages)}), "1 columns; expected 2");
  EXPECT_EQ(error({view(DType::kFp64, doubles), cities.view()}),
            "column 'age' has datatype FP64; expected FP32");
  EXPECT_EQ(error({view(DType::kFp32, ages), one_city.view()}),
            "column 'city' has shape [1,1]; expected one value for each of 2 rows");
  TensorView cut = cities.view();
  cut.size -= 1;
  EXPECT_EQ(error({view(DType::kFp32, ages), cut}),
            "column 'city', row 1: the tensor ends before its value");
  cut = view(DType::kFp32, ages);
  cut.size = 7;
  EXPECT_EQ(error({cut, cities.view()}), "column 'age', row 1: the tensor ends before its value");
  ages[1] = INFINITY;
  EXPECT_EQ(error({view(DType::kFp32, ages), cities.view()}),
            "column 'age', row 1: infinity; expected a finite number, or NaN for a missing one");
}

TEST(ColumnsInputs, WhatTheModelCannotHoldIsRefused) {
  auto floats = make(one({"x", DType::kFp64}, Standardize{0, 1e-10}));
  EXPECT_EQ(error_of(*floats, R"({"x": 1e30})"),
            "column 'x', row 7: 1e+30 becomes 1e+40, which the model's FP32 cannot hold");
  ColumnsSpec spec = one({"x", DType::kInt64}, PassThrough{});
  spec.dtype = DType::kInt8;
  EXPECT_EQ(error_of(*make(spec), R"({"x": 128})"),
            "column 'x', row 7: 128 becomes 128, which the model's INT8 cannot hold");
}

TEST(ColumnsInputs, WholeNumbersKeepAllTheirDigits) {
  ColumnsSpec spec =
      one({"x", DType::kInt64}, Ordinal{{int64_t{9007199254740993}, int64_t{9007199254740992}}});
  auto input = make(std::move(spec));
  EXPECT_EQ(only(*input, R"({"x": 9007199254740993})"), 0);
  EXPECT_EQ(only(*input, R"({"x": 9007199254740992})"), 1);
  auto large = make(one({"x", DType::kUint64}, PassThrough{}));
  EXPECT_EQ(only(*large, R"({"x": 18446744073709551615})"), 18446744073709551615.0);
}

TEST(ColumnsInputs, SpecificationsThatMeanNothingAreRefused) {
  ColumnSpec number{"x", DType::kFp64};
  ColumnSpec text{"x", DType::kBytes};
  EXPECT_EQ(why_not({}), "features: at least one is needed");
  EXPECT_EQ(why_not(one(number, Standardize{0, 0})),
            "features[0] ('x'): standardize.scale: 0 should be another number");
  EXPECT_NE(why_not(one(text, Standardize{})), "");
  EXPECT_NE(why_not(one(text, PassThrough{})), "");
  EXPECT_NE(why_not(one(text, OneHot{})), "");
  EXPECT_EQ(why_not(one(text, OneHot{{"a", "a"}})),
            "features[0] ('x'): categories[1]: 'a' is there twice");
  EXPECT_EQ(why_not(one(text, OneHot{{int64_t{3}}})),
            "features[0] ('x'): categories[0]: 3 is no value of a column of datatype BYTES");
  EXPECT_NE(why_not(one({"x", DType::kUint8}, OneHot{{int64_t{-1}}})), "");
  EXPECT_NE(why_not(one(text, OneHot{{"a"}, false, 1})), "");
  EXPECT_NE(why_not(one(number, HashBuckets{8})), "");
  EXPECT_NE(why_not(one(text, HashBuckets{0})), "");
  EXPECT_NE(why_not(one(text, HashBuckets{1u << 30, 0, true})), "");
  EXPECT_NE(why_not(one(number, Bucketize{{2, 1}})), "");
  EXPECT_NE(why_not(one(number, Bucketize{{kNan}})), "");
  EXPECT_NE(why_not(one(number, OneHot{{kNan}})), "");
  EXPECT_NE(why_not(one(text, OneHot{{"a"}}, Missing::kUnknown)), "");
  EXPECT_NE(why_not(one(text, OneHot{{"a"}, true}, Missing::kNan)), "");
  EXPECT_NE(why_not(one(text, OneHot{{"a"}}, Missing::kFill, "b")), "");
  EXPECT_NE(why_not(one(number, Standardize{}, Missing::kCategory)), "");
  EXPECT_NE(why_not(one(number, MinMax{1, 0, 2, 1})), "");
  EXPECT_NE(why_not(one({"x", DType::kBf16}, PassThrough{})), "");
  ColumnsSpec whole = one(number, PassThrough{});
  whole.dtype = DType::kInt32;
  EXPECT_NE(why_not(whole), "");
  whole = one(text, HashBuckets{1000});
  whole.dtype = DType::kInt8;
  EXPECT_NE(why_not(whole), "");
  whole.dtype = DType::kFp16;
  EXPECT_EQ(why_not(whole), "");
  whole = one(text, HashBuckets{(1u << 24) + 2});
  EXPECT_EQ(
      why_not(whole),
      "features[0] ('x'): numbers up to 16777217 are too large for datatype FP32, the model's");
}

TEST(Halves, AreTheNearest) {
  EXPECT_EQ(to_half(1).bits, 0x3c00);
  EXPECT_EQ(to_half(-2).bits, 0xc000);
  EXPECT_EQ(to_half(65504).bits, 0x7bff);
  EXPECT_EQ(to_half(0x1p-24).bits, 1);
  EXPECT_EQ(to_half(0x1p-25).bits, 0);    // a tie, to even
  EXPECT_EQ(to_half(0x1.8p-24).bits, 2);  // a tie, to even
  EXPECT_EQ(to_half(0x1.ff8p-15).bits, 0x03ff);
  EXPECT_EQ(to_half(0x1.ffcp-15).bits, 0x0400);  // the smallest normal number
  EXPECT_EQ(to_half(1 + 0x1p-11).bits, 0x3c00);
  EXPECT_EQ(to_half(1 + 0x1p-11 + 0x1p-40).bits, 0x3c01);
  EXPECT_EQ(to_half(1 + 0x3p-11).bits, 0x3c02);
  EXPECT_EQ(to_half(kNan).bits & 0x7e00, 0x7e00);
}

}  // namespace
}  // namespace skein::preprocess

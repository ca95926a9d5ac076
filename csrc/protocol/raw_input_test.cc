// What clients send in place of tensors.
#include <gtest/gtest.h>

#include "protocol/expect_refused.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::bytes_of;
using testing::expect_refused;
using testing::input;
using testing::MessageBuilder;
using testing::model;
using testing::parse_status;
using testing::raw_request;
using testing::raw_strings;
using testing::tensor;

// A picture as file or pixels, or the tensor made of it.
ModelSpec picture(DType dtype = DType::kFp32) {
  ModelSpec spec = model({tensor("x", dtype, {-1, 3, 8, 8})}, 4);
  spec.raw_inputs = {tensor("x", DType::kBytes, {-1, 1}),
                     tensor("x", DType::kUint8, {-1, -1, -1, 3})};
  spec.raw_groups = {{.makes = {0}, .ways = {{0}, {1}}}};
  return spec;
}

// Columns, or a row, or the matrix; beside an input that nothing makes.
ModelSpec table() {
  ModelSpec spec =
      model({tensor("matrix", DType::kFp32, {-1, 2}), tensor("bias", DType::kFp32, {-1, 1})}, 4);
  spec.raw_inputs = {tensor("age", DType::kInt64, {-1, 1}), tensor("city", DType::kBytes, {-1, 1}),
                     tensor("matrix", DType::kBytes, {-1, 1})};
  spec.raw_groups = {{.makes = {0}, .ways = {{0, 1}, {2}}}};
  return spec;
}

const std::string kBias = bytes_of<float>({1});

TEST(RawInput, TheDatatypeTellsTheTensorFromWhatIsSentInItsPlace) {
  ModelSpec spec = picture();
  std::string file = raw_strings({"jpeg", "png"});
  InferRequest request;
  MessageBuilder files = raw_request(input("x", "BYTES", {2, 1}), file);
  ASSERT_TRUE(parse(files.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{0});
  EXPECT_EQ(request.rows, 2);
  EXPECT_EQ(request.raw.at(0).size, file.size());
  EXPECT_EQ(request.inputs.at(0).data, nullptr);

  MessageBuilder pixels = raw_request(input("x", "UINT8", {1, 2, 5, 3}), std::string(30, 'p'));
  ASSERT_TRUE(parse(pixels.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{1});
  EXPECT_EQ(to_string(request.raw.at(1).shape), "[1,2,5,3]");

  MessageBuilder made = raw_request(input("x", "FP32", {1, 3, 8, 8}), std::string(768, '\0'));
  ASSERT_TRUE(parse(made.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{-1});
  EXPECT_EQ(request.inputs.at(0).size, 768u);
}

TEST(RawInput, TheShapeDecidesWhereTheDatatypeDoesNot) {
  ModelSpec spec = picture(DType::kUint8);
  InferRequest request;
  MessageBuilder tensor_itself =
      raw_request(input("x", "UINT8", {1, 3, 8, 8}), std::string(192, 'p'));
  ASSERT_TRUE(parse(tensor_itself.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{-1});
  MessageBuilder pixels = raw_request(input("x", "UINT8", {1, 8, 8, 3}), std::string(192, 'p'));
  ASSERT_TRUE(parse(pixels.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{1});
}

TEST(RawInput, OneValuePerRowNeedsNoInnerDimension) {
  ModelSpec spec = picture();
  InferRequest request;
  MessageBuilder files = raw_request(input("x", "BYTES", {2}), raw_strings({"a", "b"}));
  ASSERT_TRUE(parse(files.bytes(), spec, request).ok());
  EXPECT_EQ(to_string(request.raw.at(0).shape), "[2,1]");
}

TEST(RawInput, EveryColumnIsAnInputOfItsOwn) {
  ModelSpec spec = table();
  MessageBuilder columns;
  columns.block(5, input("city", "BYTES", {1, 1}))
      .block(5, input("age", "INT64", {1, 1}))
      .block(5, input("bias", "FP32", {1, 1}))
      .block(7, raw_strings({"Paris"}))
      .block(7, bytes_of<int64_t>({39}))
      .block(7, kBias);
  InferRequest request;
  ASSERT_TRUE(parse(columns.bytes(), spec, request).ok());
  EXPECT_EQ(request.ways, std::vector<int8_t>{0});
  EXPECT_EQ(request.raw.at(0).size, 8u);
  EXPECT_EQ(request.raw.at(1).size, 9u);
  EXPECT_EQ(request.raw.at(2).data, nullptr);
  EXPECT_EQ(request.inputs.at(1).size, 4u);
}

TEST(RawInput, WhatIsLeftOutOfAWayIsNull) {  // whether it may be is for its maker to say
  ModelSpec spec = table();
  MessageBuilder columns;
  columns.block(5, input("age", "INT64", {1, 1}))
      .block(5, input("bias", "FP32", {1, 1}))
      .block(7, bytes_of<int64_t>({39}))
      .block(7, kBias);
  InferRequest request;
  ASSERT_TRUE(parse(columns.bytes(), spec, request).ok());
  EXPECT_EQ(request.raw.at(1).data, nullptr);
}

TEST(RawInput, TwoWaysAtOnceAreRefused) {
  ModelSpec spec = table();
  MessageBuilder both;
  both.block(5, input("age", "INT64", {1, 1}))
      .block(5, input("matrix", "BYTES", {1, 1}))
      .block(7, bytes_of<int64_t>({39}))
      .block(7, raw_strings({"{}"}));
  expect_refused(parse_status(both, spec), Code::kInvalidArgument,
                 {"'matrix'", "'age'", "two ways", "send one"});
}

TEST(RawInput, TheTensorAndWhatItIsMadeFromAreRefusedTogether) {
  ModelSpec spec = table();
  MessageBuilder both;
  both.block(5, input("age", "INT64", {1, 1}))
      .block(5, input("matrix", "FP32", {1, 2}))
      .block(7, bytes_of<int64_t>({39}))
      .block(7, bytes_of<float>({1, 2}));
  expect_refused(parse_status(both, spec), Code::kInvalidArgument,
                 {"'matrix'", "made from input 'age'", "both are sent"});
}

TEST(RawInput, TheSameIsRefusedTwice) {
  ModelSpec spec = picture();
  MessageBuilder twice;
  twice.block(5, input("x", "BYTES", {1})).block(5, input("x", "BYTES", {1}));
  expect_refused(parse_status(twice, spec), Code::kInvalidArgument, {"'x'", "given twice"});
}

TEST(RawInput, MessagesNameEveryWay) {
  ModelSpec spec = picture();
  expect_refused(parse_status(raw_request(input("x", "FP64", {1, 3, 8, 8}), ""), spec),
                 Code::kInvalidArgument, {"BYTES, UINT8 or FP32", "FP64"});
  expect_refused(parse_status(MessageBuilder(), spec), Code::kInvalidArgument,
                 {"lacks input 'x'", "BYTES [-1,1]", "UINT8 [-1,-1,-1,3]",
                  "as the model takes them: 'x' (FP32 [-1,3,8,8])"});
  expect_refused(parse_status(raw_request(input("y", "BYTES", {1}), ""), spec),
                 Code::kInvalidArgument, {"no input 'y'", "BYTES [-1,1]"});
  expect_refused(parse_status(raw_request(input("x", "UINT8", {1, 2, 5, 4}), ""), spec),
                 Code::kInvalidArgument, {"[-1,-1,-1,3]", "[1,2,5,4]", "dimension 3 must be 3"});
}

TEST(RawInput, TypedContentsOfTheWrongSizeAreToldInTheirOwnDatatype) {
  ModelSpec spec = picture();
  MessageBuilder pixels = input("x", "UINT8", {1, 1, 1, 3});
  pixels.block(5, MessageBuilder().varint(4, 7).varint(4, 256).varint(4, 7));
  expect_refused(parse_status(MessageBuilder().block(5, pixels), spec), Code::kInvalidArgument,
                 {"element 1 is 256", "UINT8 holds 0 to 255"});
}

TEST(RawInput, RowsMustBeAsManyAsThoseOfOtherInputs) {
  ModelSpec spec = table();
  MessageBuilder columns;
  columns.block(5, input("age", "INT64", {2, 1}))
      .block(5, input("bias", "FP32", {1, 1}))
      .block(7, bytes_of<int64_t>({39, 40}))
      .block(7, kBias);
  expect_refused(parse_status(columns, spec), Code::kInvalidArgument, {"rows"});
}

}  // namespace
}  // namespace skein::protocol

#include "protocol/input_shape.h"

#include <gtest/gtest.h>

#include "protocol/expect_refused.h"
#include "protocol/infer_request.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::expect_refused;
using testing::input;
using testing::MessageBuilder;
using testing::model;
using testing::packed_varints;
using testing::parse_status;
using testing::raw_request;
using testing::tensor;

constexpr uint32_t kInputs = 5;
constexpr uint32_t kRaw = 7;

TEST(InputShape, WrongDatatypeSaysExpectedAndGot) {
  ModelSpec spec = model({tensor("x", DType::kFp32, {1})});
  for (const char* datatype : {"INT32", "fp32", "", "FP64"}) {
    expect_refused(parse_status(raw_request(input("x", datatype, {1}), "abcd"), spec),
                   Code::kInvalidArgument,
                   {"input 'x' of model 'm'", "expected datatype FP32", "got '", datatype});
  }
}

struct ShapeCase {
  std::vector<int64_t> spec;
  std::vector<int64_t> sent;
  std::vector<const char*> parts;
};

TEST(InputShape, WrongShapesSayExpectedGotAndWhere) {
  constexpr int64_t kHuge = int64_t{1} << 40;
  const std::vector<ShapeCase> cases = {
      {{-1, 16}, {16}, {"expected shape [-1,16]", "got [16]", "send 2 dimensions, not 1"}},
      {{-1, 16}, {1, 17}, {"got [1,17]", "dimension 1 must be 16"}},
      {{-1, 16}, {-1, 16}, {"got [-1,16]", "dimension 0 is negative"}},
      {{2}, {-2}, {"dimension 0 is negative"}},
      {{}, {1}, {"expected shape []", "send 0 dimensions, not 1"}},
      {{1}, {}, {"got []", "send 1 dimensions, not 0"}},
      {{1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {"got [1,1,1,1,1,1,1,1,...] of rank 9"}},
      {{-1, -1}, {kHuge, kHuge}, {"got [1099511627776,1099511627776]", "2^62"}},
      {{-1, -1}, {INT64_MAX, 2}, {"2^62"}},
      {{-1, -1, -1}, {0, kHuge, kHuge}, {"2^62"}},
      {{-1}, {INT64_MIN}, {"negative"}},
  };
  for (const ShapeCase& one : cases) {
    Status status = parse_status(raw_request(input("x", "FP32", one.sent), "abcd"),
                                 model({tensor("x", DType::kFp32, one.spec)}));
    for (const char* part : one.parts) {
      expect_refused(status, Code::kInvalidArgument, {"input 'x' of model 'm'", part});
    }
  }
}

TEST(InputShape, ShapesThatDescribeMoreThanCameAllocateNothing) {
  MessageBuilder raw = raw_request(input("x", "FP64", {1ll << 61}), "");
  ModelSpec spec = model({tensor("x", DType::kFp64, {-1})});
  expect_refused(parse_status(raw, spec), Code::kInvalidArgument,
                 {"2305843009213693952 x 8 bytes", "got 0"});
  MessageBuilder contents = MessageBuilder().fixed<double>(7, 1.0);
  MessageBuilder typed;
  typed.block(kInputs, input("x", "FP64", {1ll << 61}).block(5, contents));
  expect_refused(parse_status(typed, spec), Code::kInvalidArgument,
                 {"expected 2305843009213693952 elements in fp64_contents", "got 1"});
}

TEST(InputShape, ScalarsZeroSizesAndEveryRankUpToTheLimitAreLegal) {
  struct Case {
    std::vector<int64_t> spec, sent;
    size_t bytes;
  };
  for (const Case& one : std::initializer_list<Case>{
           {{}, {}, 4},
           {{-1}, {0}, 0},
           {{0}, {0}, 0},
           {{-1, 3}, {0, 3}, 0},
           {{-1, -1, -1, -1, -1, -1, -1, -1}, {1, 1, 1, 2, 1, 1, 1, 1}, 8}}) {
    MessageBuilder message = raw_request(input("x", "FP32", one.sent), std::string(one.bytes, 'a'));
    InferRequest request;
    Status status = parse(message.bytes(), model({tensor("x", DType::kFp32, one.spec)}), request);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(request.inputs.at(0).shape, Shape(std::span(one.sent)));
    EXPECT_EQ(request.inputs[0].size, one.bytes);
  }
}

TEST(InputShape, AnEmptyTensorNeedsNoContents) {
  for (DType dtype : {DType::kFp32, DType::kFp16, DType::kBytes, DType::kBool}) {
    MessageBuilder message;
    message.block(kInputs, input("x", name(dtype), {0}));
    InferRequest request;
    Status status = parse(message.bytes(), model({tensor("x", dtype, {-1})}), request);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(request.inputs.at(0).size, 0u);
    EXPECT_NE(request.inputs[0].data, nullptr);
  }
}

TEST(InputShape, ShapeMayComeUnpackedAndInPieces) {
  MessageBuilder tensor_message;
  tensor_message.varint(3, 2).block(3, packed_varints({3, 4})).varint(3, 1);
  tensor_message.block(1, "x").block(2, "INT8");
  InferRequest request;
  ModelSpec spec = model({tensor("x", DType::kInt8, {-1, -1, -1, -1})});
  MessageBuilder message = raw_request(tensor_message, std::string(24, 'a'));
  ASSERT_TRUE(parse(message.bytes(), spec, request).ok());
  EXPECT_EQ(request.inputs.at(0).shape, Shape({2, 3, 4, 1}));
}

// --- The batch dimension ---

TEST(InputShape, RowsAreTheBatchDimension) {
  ModelSpec spec = model({tensor("a", DType::kInt8, {-1}), tensor("b", DType::kInt8, {-1, 2})}, 4);
  MessageBuilder message;
  message.block(kInputs, input("a", "INT8", {3})).block(kInputs, input("b", "INT8", {3, 2}));
  message.block(kRaw, "aaa").block(kRaw, "bbbbbb");
  InferRequest request;
  Status status = parse(message.bytes(), spec, request);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(request.rows, 3);
}

TEST(InputShape, RowsOutsideTheLimitNameBothAndTheFix) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {-1})}, 4);
  for (int64_t rows : {0, 5}) {
    MessageBuilder message =
        raw_request(input("x", "INT8", {rows}), std::string(static_cast<size_t>(rows), 'a'));
    expect_refused(parse_status(message, spec), Code::kInvalidArgument,
                   {"'x'", ("batch of " + std::to_string(rows) + " rows").c_str(),
                    "max_batch_size is 4", "send 1 to 4 rows"});
  }
}

TEST(InputShape, RowsMustAgree) {
  ModelSpec spec = model({tensor("a", DType::kInt8, {-1}), tensor("b", DType::kInt8, {-1})}, 4);
  MessageBuilder message;
  message.block(kInputs, input("a", "INT8", {2})).block(kInputs, input("b", "INT8", {3}));
  message.block(kRaw, "aa").block(kRaw, "bbb");
  expect_refused(parse_status(message, spec), Code::kInvalidArgument,
                 {"input 'b' of model 'm' has 3 rows", "input 'a' has 2"});
}

}  // namespace
}  // namespace skein::protocol

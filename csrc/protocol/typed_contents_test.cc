#include <gtest/gtest.h>

#include "protocol/infer_request.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::bytes_of;
using testing::input;
using testing::MessageBuilder;
using testing::model;
using testing::packed_varints;
using testing::raw_strings;
using testing::tensor;
using testing::varint_bytes;

enum Contents : uint32_t {
  kBool = 1,
  kInt = 2,
  kInt64 = 3,
  kUint = 4,
  kUint64 = 5,
  kFp32 = 6,
  kFp64 = 7,
  kBytes = 8,
};

MessageBuilder request_with(DType dtype, int64_t count,
                            std::initializer_list<MessageBuilder> contents) {
  MessageBuilder tensor_message = input("x", name(dtype), {count});
  for (const MessageBuilder& one : contents) tensor_message.block(5, one);
  return MessageBuilder().block(5, tensor_message);
}

ModelSpec model_of(DType dtype) { return model({tensor("x", dtype, {-1})}); }

std::string data_of(const InferRequest& request) {
  const TensorView& view = request.inputs.at(0);
  return {reinterpret_cast<const char*>(view.data), view.size};
}

struct Encoding {
  DType dtype;
  int64_t count;
  MessageBuilder contents;
  std::string raw;
};

std::vector<Encoding> encodings() {
  auto packed = [](uint32_t field, std::initializer_list<int64_t> values) {
    return MessageBuilder().block(field, packed_varints(values));
  };
  auto run = [](uint32_t field, std::string bytes) { return MessageBuilder().block(field, bytes); };
  return {
      {DType::kBool, 3, packed(kBool, {0, 1, 300}), bytes_of<uint8_t>({0, 1, 1})},
      {DType::kInt8, 3, packed(kInt, {-128, 0, 127}), bytes_of<int8_t>({-128, 0, 127})},
      {DType::kInt16, 2, packed(kInt, {-32768, 32767}), bytes_of<int16_t>({-32768, 32767})},
      {DType::kInt32, 2, packed(kInt, {INT32_MIN, INT32_MAX}),
       bytes_of<int32_t>({INT32_MIN, INT32_MAX})},
      {DType::kInt64, 2, packed(kInt64, {INT64_MIN, INT64_MAX}),
       bytes_of<int64_t>({INT64_MIN, INT64_MAX})},
      {DType::kUint8, 2, packed(kUint, {0, 255}), bytes_of<uint8_t>({0, 255})},
      {DType::kUint16, 2, packed(kUint, {0, 65535}), bytes_of<uint16_t>({0, 65535})},
      {DType::kUint32, 2, packed(kUint, {0, UINT32_MAX}), bytes_of<uint32_t>({0, UINT32_MAX})},
      {DType::kUint64, 2, packed(kUint64, {0, -1}), bytes_of<uint64_t>({0, UINT64_MAX})},
      {DType::kFp32, 2, run(kFp32, bytes_of<float>({1.5f, -2})), bytes_of<float>({1.5f, -2})},
      {DType::kFp64, 2, run(kFp64, bytes_of<double>({1.5, -2})), bytes_of<double>({1.5, -2})},
      {DType::kBytes, 3,
       MessageBuilder().block(kBytes, "ab").block(kBytes, "").block(kBytes, "\xff"),
       raw_strings({"ab", "", "\xff"})},
      // Unpacked.
      {DType::kBool, 2, MessageBuilder().varint(kBool, 1).varint(kBool, 0),
       bytes_of<uint8_t>({1, 0})},
      {DType::kInt16, 2, MessageBuilder().varint(kInt, -5).varint(kInt, 1000),
       bytes_of<int16_t>({-5, 1000})},
      {DType::kUint64, 1, MessageBuilder().varint(kUint64, 7), bytes_of<uint64_t>({7})},
      {DType::kFp32, 2, MessageBuilder().fixed<float>(kFp32, 1).fixed<float>(kFp32, 2),
       bytes_of<float>({1, 2})},
      {DType::kFp64, 2, MessageBuilder().fixed<double>(kFp64, 1).fixed<double>(kFp64, 2),
       bytes_of<double>({1, 2})},
      // In pieces, single values and runs mixed, empty runs between.
      {DType::kInt32, 5,
       packed(kInt, {1, 2}).varint(kInt, 3).block(kInt, "").block(kInt, packed_varints({4, 5})),
       bytes_of<int32_t>({1, 2, 3, 4, 5})},
      {DType::kFp32, 4,
       run(kFp32, bytes_of<float>({1, 2}))
           .fixed<float>(kFp32, 3)
           .block(kFp32, bytes_of<float>({4})),
       bytes_of<float>({1, 2, 3, 4})},
      {DType::kFp64, 2, run(kFp64, bytes_of<double>({1})).block(kFp64, bytes_of<double>({2})),
       bytes_of<double>({1, 2})},
      // An int32 travels as ten bytes when negative; only its low 32 bits count.
      {DType::kInt32, 1, run(kInt, varint_bytes(0xffffffff)), bytes_of<int32_t>({-1})},
      // Values of a field that came empty do not make it the wrong field.
      {DType::kInt8, 1, packed(kInt, {9}).block(kFp32, ""), bytes_of<int8_t>({9})},
  };
}

TEST(TypedContents, EveryEncodingBecomesTheRawForm) {
  for (const Encoding& one : encodings()) {
    MessageBuilder message = request_with(one.dtype, one.count, {one.contents});
    InferRequest request;
    Status status = parse(message.bytes(), model_of(one.dtype), request);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(data_of(request), one.raw) << name(one.dtype);
  }
}

TEST(TypedContents, SeveralContentsMessagesAreMerged) {
  MessageBuilder message = request_with(DType::kInt8, 3,
                                        {MessageBuilder().varint(kInt, 1), MessageBuilder(),
                                         MessageBuilder().block(kInt, packed_varints({2, 3}))});
  InferRequest request;
  ASSERT_TRUE(parse(message.bytes(), model_of(DType::kInt8), request).ok());
  EXPECT_EQ(data_of(request), "\1\2\3");
}

TEST(TypedContents, OnePackedRunOfFloatsIsViewedInPlace) {
  for (DType dtype : {DType::kFp32, DType::kFp64}) {
    uint32_t field = dtype == DType::kFp32 ? kFp32 : kFp64;
    std::string run(2 * element_size(dtype), 'a');
    MessageBuilder message =
        request_with(dtype, 2, {MessageBuilder().block(field, "").block(field, run)});
    InferRequest request;
    ASSERT_TRUE(parse(message.bytes(), model_of(dtype), request).ok());
    EXPECT_TRUE(request.converted.empty());
    EXPECT_EQ(data_of(request), run);
  }
}

struct Refusal {
  DType dtype;
  int64_t count;
  MessageBuilder contents;
  std::vector<const char*> parts;
};

void expect_refusals(const std::vector<Refusal>& refusals, Code code) {
  for (const Refusal& one : refusals) {
    InferRequest request;
    MessageBuilder message = request_with(one.dtype, one.count, {one.contents});
    Status status = parse(message.bytes(), model_of(one.dtype), request);
    EXPECT_EQ(name(status.code()), name(code)) << status.message();
    for (const char* part : one.parts) {
      EXPECT_NE(status.message().find(part), std::string::npos)
          << "lacks \"" << part << "\": " << status.message();
    }
  }
}

TEST(TypedContents, NarrowedIntegersAreRangeChecked) {
  auto ints = [](std::initializer_list<int64_t> values) {
    return MessageBuilder().block(kInt, packed_varints(values));
  };
  auto uints = [](std::initializer_list<int64_t> values) {
    return MessageBuilder().block(kUint, packed_varints(values));
  };
  expect_refusals(
      {
          {DType::kUint8, 2, uints({7, 300}), {"'x'", "element 1 is 300", "UINT8 holds 0 to 255"}},
          {DType::kUint16, 1, uints({65536}), {"element 0 is 65536", "UINT16 holds 0 to 65535"}},
          {DType::kInt8, 2, ints({0, 128}), {"element 1 is 128", "INT8 holds -128 to 127"}},
          {DType::kInt8, 1, ints({-129}), {"element 0 is -129"}},
          {DType::kInt16, 1, ints({32768}), {"element 0 is 32768", "-32768 to 32767"}},
          {DType::kUint8, 3, uints({1, 2}).varint(kUint, 256), {"element 2 is 256"}},
      },
      Code::kInvalidArgument);
}

TEST(TypedContents, TheWrongFieldOrCountIsNamed) {
  MessageBuilder floats = MessageBuilder().fixed<float>(kFp32, 1);
  expect_refusals(
      {
          {DType::kInt32,
           1,
           floats,
           {"'x' of model 'm' is INT32", "contents.int_contents", "not into fp32_contents"}},
          {DType::kFp64, 1, floats, {"fp64_contents", "not into fp32_contents"}},
          {DType::kInt64,
           1,
           MessageBuilder().varint(kInt, 1),
           {"int64_contents", "not into int_contents"}},
          {DType::kFp16, 1, floats, {"FP16", "raw_input_contents", "no typed contents"}},
          {DType::kBf16, 1, floats, {"BF16", "raw_input_contents", "no typed contents"}},
          {DType::kFp16, 1, MessageBuilder(), {"raw_input_contents", "no typed contents"}},
          {DType::kBytes,
           1,
           MessageBuilder().varint(kUint, 1),
           {"bytes_contents", "uint_contents"}},
          {DType::kInt8, 1, MessageBuilder().varint(kInt, 1).varint(kBool, 1), {"bool_contents"}},
          {DType::kFp32, 2, floats, {"expected 2 elements in fp32_contents", "[2]", "got 1"}},
          {DType::kFp32, 0, floats, {"expected 0 elements in fp32_contents", "got 1"}},
          {DType::kInt8, 2, MessageBuilder(), {"expected 2 elements in int_contents", "got 0"}},
          {DType::kBytes, 2, MessageBuilder().block(kBytes, "a"), {"bytes_contents", "got 1"}},
          {DType::kFp32, 1, MessageBuilder().varint(kFp32, 1), {"got 0"}},
      },
      Code::kInvalidArgument);
}

TEST(TypedContents, BrokenRunsAreInternal) {
  auto run = [](uint32_t field, std::string bytes) { return MessageBuilder().block(field, bytes); };
  expect_refusals(
      {
          {DType::kFp32, 1, run(kFp32, "abcde"), {"fp32_contents", "whole element"}},
          {DType::kFp64, 1, run(kFp64, "abcd"), {"fp64_contents", "whole element"}},
          {DType::kInt8, 1, run(kInt, "\x01\x80"), {"int_contents", "whole element"}},
          {DType::kInt8, 1, run(kInt, std::string(10, '\xff') + "\x01"), {"too long"}},
          {DType::kInt8, 1, MessageBuilder().append("\x10"), {"varint is cut off"}},
          {DType::kInt8, 1, MessageBuilder().append("\x0a\x7f"), {"length exceeds"}},
      },
      Code::kInternal);
}

}  // namespace
}  // namespace skein::protocol

#include "protocol/input_length.h"

#include <gtest/gtest.h>

#include "protocol/expect_refused.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::expect_refused;
using testing::input;
using testing::MessageBuilder;
using testing::model;
using testing::parse_status;
using testing::tensor;

constexpr uint32_t kInputs = 5;
constexpr uint32_t kRaw = 7;

ModelSpec padded_model() {
  ModelSpec spec =
      model({tensor("ids", DType::kInt8, {-1, -1}), tensor("bias", DType::kInt8, {-1, -1, -1}),
             tensor("mask", DType::kInt64, {-1, 1, -1})},
            4);
  spec.padding = {.inputs = {{.index = 0}, {.index = 1}}, .mask = 2};
  return spec;
}

MessageBuilder request(const std::vector<int64_t>& ids, const std::vector<int64_t>& bias) {
  MessageBuilder message;
  size_t bias_size = static_cast<size_t>(bias[0] * bias[1] * bias[2]);
  return message.block(kInputs, input("ids", "INT8", ids))
      .block(kInputs, input("bias", "INT8", bias))
      .block(kRaw, std::string(static_cast<size_t>(ids[0] * ids[1]), '\2'))
      .block(kRaw, std::string(bias_size, '\3'));
}

TEST(InputLength, MaskMayBeLeftOut) {
  for (int64_t length : {0, 1, 3}) {
    MessageBuilder message = request({2, length}, {2, length, length});
    InferRequest parsed;
    Status status = parse(message.bytes(), padded_model(), parsed);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(parsed.length, length);
    EXPECT_EQ(parsed.rows, 2);
    ASSERT_EQ(parsed.inputs.size(), 3u);
    EXPECT_EQ(parsed.inputs[2].dtype, DType::kInt64);
    EXPECT_EQ(to_string(parsed.inputs[2].shape), to_string({2, 1, length}));
    EXPECT_EQ(parsed.inputs[2].data, nullptr);
    EXPECT_EQ(parsed.inputs[2].size, 0u);
  }
}

TEST(InputLength, MaskThatIsSentIsUsed) {
  MessageBuilder message = request({1, 2}, {1, 2, 2});
  message.block(kInputs, input("mask", "INT64", {1, 1, 2})).block(kRaw, std::string(16, '\0'));
  InferRequest parsed;
  Status status = parse(message.bytes(), padded_model(), parsed);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_NE(parsed.inputs[2].data, nullptr);
  EXPECT_EQ(parsed.inputs[2].size, 16u);
}

TEST(InputLength, OtherInputsMayNotBeLeftOut) {
  MessageBuilder message;
  message.block(kInputs, input("ids", "INT8", {1, 2})).block(kRaw, "ab");
  expect_refused(parse_status(message, padded_model()), Code::kInvalidArgument,
                 {"the request lacks input 'bias' of model 'm'"});
  ModelSpec exact = padded_model();
  exact.padding = {};
  expect_refused(parse_status(request({1, 2}, {1, 2, 2}), exact), Code::kInvalidArgument,
                 {"the request lacks input 'mask' of model 'm'"});
}

TEST(InputLength, DifferentLengthsNameBothInputsAndShapes) {
  expect_refused(parse_status(request({1, 2}, {1, 2, 3}), padded_model()), Code::kInvalidArgument,
                 {"input 'bias' of model 'm' has the shape [1,2,3]", "dimension 2 must be 2",
                  "input 'ids' of shape [1,2]", "must all be equal"});
  MessageBuilder message = request({1, 2}, {1, 2, 2});
  message.block(kInputs, input("mask", "INT64", {1, 1, 3})).block(kRaw, std::string(24, '\0'));
  expect_refused(parse_status(message, padded_model()), Code::kInvalidArgument,
                 {"input 'mask' of model 'm' has the shape [1,1,3]", "input 'ids' of shape [1,2]"});
}

TEST(InputLength, LengthWhoseMaskOverflowsIsRefused) {
  ModelSpec spec =
      model({tensor("ids", DType::kInt8, {-1, -1, 0}), tensor("mask", DType::kInt64, {-1, -1})}, 4);
  spec.padding = {.inputs = {{.index = 0}}, .mask = 1};
  MessageBuilder message;
  message.block(kInputs, input("ids", "INT8", {4, int64_t{1} << 60, 0})).block(kRaw, "");
  EXPECT_TRUE(parse_status(message, spec).ok());
  MessageBuilder larger;
  larger.block(kInputs, input("ids", "INT8", {1, int64_t{1} << 62, 0})).block(kRaw, "");
  spec.inputs[1].dims = {-1, 2, -1};
  expect_refused(parse_status(larger, spec), Code::kInvalidArgument,
                 {"input 'mask' of model 'm'", "[1,2,4611686018427387904]", "2^62"});
}

TEST(InputLength, WithoutPaddingDynamicDimensionsAreFree) {
  ModelSpec spec = padded_model();
  spec.padding = {};
  MessageBuilder message = request({1, 2}, {1, 3, 4});
  message.block(kInputs, input("mask", "INT64", {1, 1, 5})).block(kRaw, std::string(40, '\0'));
  EXPECT_TRUE(parse_status(message, spec).ok());
}

}  // namespace
}  // namespace skein::protocol

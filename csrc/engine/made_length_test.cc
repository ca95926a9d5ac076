#include "engine/made_length.h"

#include <gtest/gtest.h>

#include <array>

namespace skein::engine {
namespace {

class MadeLengthTest : public testing::Test {
 protected:
  MadeLengthTest() {
    spec.inputs = {{"ids", DType::kInt64, {-1, -1}},
                   {"positions", DType::kInt64, {-1, -1}},
                   {"mask", DType::kInt64, {-1, -1}}};
    spec.batching.max_batch_size = 8;
    spec.padding = {.inputs = {{.index = 0}, {.index = 1}}, .mask = 2};
    request.inputs = {view(7), view(7), view(7)};
  }
  TensorView view(int64_t length) const {
    return {.dtype = DType::kInt64, .shape = {2, length}, .data = bytes.data(), .size = 1};
  }

  std::array<std::byte, 1> bytes{};
  ModelSpec spec;
  protocol::InferRequest request;
};

TEST_F(MadeLengthTest, IsThatOfThePaddedInputs) {
  EXPECT_TRUE(settle_length(spec, request).ok());
  EXPECT_EQ(request.length, 7);
}

TEST_F(MadeLengthTest, WhatWasSentMustBeAsLongAsWhatWasMade) {
  request.inputs[1] = view(6);
  Status status = settle_length(spec, request);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("'positions' has the length 6, but input 'ids' has 7"),
            std::string::npos)
      << status.message();
}

TEST_F(MadeLengthTest, WithoutPaddingThereIsNone) {
  spec.padding = {};
  request.inputs[1] = view(6);
  EXPECT_TRUE(settle_length(spec, request).ok());
  EXPECT_EQ(request.length, 0);
}

}  // namespace
}  // namespace skein::engine

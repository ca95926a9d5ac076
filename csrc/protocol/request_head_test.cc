#include <gtest/gtest.h>

#include "protocol/infer_request.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::MessageBuilder;
using testing::parameter;

constexpr uint32_t kParameters = 4;

MessageBuilder with_parameter(std::string_view key, const MessageBuilder& value) {
  return MessageBuilder().block(1, "m").block(kParameters, parameter(key, value));
}

TEST(RequestHead, ReadsNamesAndSkipsTensors) {
  MessageBuilder message;
  message.block(5, "not looked at").block(1, "model").block(2, "3").block(3, "id-\xe2\x82\xac");
  message.block(7, "\xff\xff").varint(99, 1);
  Result<RequestHead> head = read_head(message.bytes());
  ASSERT_TRUE(head.ok()) << head.status().message();
  EXPECT_EQ(head->model_name, "model");
  EXPECT_EQ(head->model_version, "3");
  EXPECT_EQ(head->id, "id-\xe2\x82\xac");
  EXPECT_EQ(head->timeout_us, 0u);
  EXPECT_EQ(head->priority, 0u);
}

TEST(RequestHead, TellsHowManyRowsTheFirstInputClaims) {
  struct Case {
    MessageBuilder input;
    int64_t rows;
  };
  const std::vector<Case> cases = {
      {MessageBuilder().block(1, "in").block(3, "\x05\x10"), 5},
      {MessageBuilder().varint(3, 7).varint(3, 9), 7},
      {MessageBuilder().varint(9, 4).block(1, "no shape"), 1},
      {MessageBuilder().block(3, ""), 1},
      {MessageBuilder().block(3, "\xff"), 1},
      {MessageBuilder().varint(3, ~uint64_t{0}), 1},
  };
  for (const Case& one : cases) {
    MessageBuilder message;
    message.block(5, one.input).block(5, MessageBuilder().varint(3, 3));
    EXPECT_EQ(read_head(message.bytes())->claimed_rows(), one.rows) << one.rows;
  }
  EXPECT_EQ(read_head({})->claimed_rows(), 1);
}

TEST(RequestHead, OfAnEmptyMessageIsEmpty) {
  Result<RequestHead> head = read_head({});
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->model_name, "");
}

TEST(RequestHead, LastValueOfASingularFieldWins) {
  MessageBuilder message;
  message.block(1, "first").block(1, "second").varint(1, 7);  // a varint is no model_name
  EXPECT_EQ(read_head(message.bytes())->model_name, "second");
}

TEST(RequestHead, BadUtf8IsInternalAndNamesTheField) {
  struct Case {
    MessageBuilder message;
    const char* field;
  };
  const std::vector<Case> cases = {
      {MessageBuilder().block(1, "\xff"), "'model_name'"},
      {MessageBuilder().block(2, "\xff"), "'model_version'"},
      {MessageBuilder().block(3, "\xc0\x80"), "'id'"},
      {with_parameter("\xff", MessageBuilder()), "'parameters.key'"},
      {with_parameter("k", MessageBuilder().block(3, "\xff")), "'InferParameter.string_param'"},
  };
  for (const Case& one : cases) {
    Result<RequestHead> head = read_head(one.message.bytes());
    ASSERT_FALSE(head.ok()) << one.field;
    EXPECT_EQ(head.status().code(), Code::kInternal);
    EXPECT_NE(head.status().message().find(one.field), std::string::npos)
        << head.status().message();
  }
}

TEST(RequestHead, EveryTruncationIsInternalOrAWholeMessage) {
  MessageBuilder message = with_parameter("timeout", MessageBuilder().varint(2, 1000));
  for (size_t size = 1; size < message.str().size(); ++size) {
    Result<RequestHead> head = read_head(message.bytes().first(size));
    if (head.ok()) {
      EXPECT_EQ(size, 3u);  // exactly model_name
    } else {
      EXPECT_EQ(head.status().code(), Code::kInternal) << size;
    }
  }
}

TEST(RequestHead, TimeoutAndPriorityAreIntegers) {
  for (uint32_t kind : {2u, 5u}) {  // int64_param, uint64_param
    MessageBuilder message = with_parameter("timeout", MessageBuilder().varint(kind, 1500));
    message.block(kParameters, parameter("priority", MessageBuilder().varint(kind, 2)));
    Result<RequestHead> head = read_head(message.bytes());
    ASSERT_TRUE(head.ok()) << head.status().message();
    EXPECT_EQ(head->timeout_us, 1500u);
    EXPECT_EQ(head->priority, 2u);
  }
}

TEST(RequestHead, OtherKindsOfTimeoutAreRefusedByName) {
  struct Case {
    MessageBuilder value;
    const char* got;
  };
  const std::vector<Case> cases = {
      {MessageBuilder().varint(2, -3), "int64_param -3"},
      {MessageBuilder().block(3, "100"), "string_param '100'"},
      {MessageBuilder().varint(1, 1), "bool_param true"},
      {MessageBuilder().fixed<double>(4, 1.5), "double_param 1.5"},
      {MessageBuilder(), "no value"},
  };
  for (const char* key : {"timeout", "priority"}) {
    for (const Case& one : cases) {
      Result<RequestHead> head = read_head(with_parameter(key, one.value).bytes());
      ASSERT_FALSE(head.ok()) << one.got;
      EXPECT_EQ(head.status().code(), Code::kInvalidArgument);
      EXPECT_NE(head.status().message().find(key), std::string::npos);
      EXPECT_NE(head.status().message().find(one.got), std::string::npos)
          << head.status().message();
    }
  }
}

TEST(RequestHead, LastEntryOfAParameterKeyAndLastMemberOfItsValueWin) {
  MessageBuilder message = with_parameter("timeout", MessageBuilder().block(3, "wrong kind"));
  message.block(kParameters, parameter("timeout", MessageBuilder().varint(5, 1).varint(2, 9)));
  Result<RequestHead> head = read_head(message.bytes());
  ASSERT_TRUE(head.ok()) << head.status().message();
  EXPECT_EQ(head->timeout_us, 9u);
}

TEST(RequestHead, SequencesAreUnimplemented) {
  const std::vector<MessageBuilder> set = {
      with_parameter("sequence_id", MessageBuilder().varint(2, 7)),
      with_parameter("sequence_id", MessageBuilder().varint(5, 7)),
      with_parameter("sequence_id", MessageBuilder().block(3, "chat")),
      with_parameter("sequence_start", MessageBuilder().varint(1, 1)),
      with_parameter("sequence_end", MessageBuilder().varint(1, 1)),
  };
  for (const MessageBuilder& message : set) {
    Result<RequestHead> head = read_head(message.bytes());
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.status().code(), Code::kUnimplemented);
    EXPECT_NE(head.status().message().find("sequence_"), std::string::npos);
  }
  EXPECT_TRUE(read_head(with_parameter("sequence_id", MessageBuilder().varint(2, 0)).bytes()).ok());
  EXPECT_TRUE(
      read_head(with_parameter("sequence_start", MessageBuilder().varint(1, 0)).bytes()).ok());
}

TEST(RequestHead, UnknownParametersAreIgnored) {
  for (const char* key : {"binary_data_output", "triton_enable_empty_final_response", "mine"}) {
    EXPECT_TRUE(read_head(with_parameter(key, MessageBuilder().varint(1, 1)).bytes()).ok()) << key;
  }
}

}  // namespace
}  // namespace skein::protocol

#include "protocol/wire_reader.h"

#include <gtest/gtest.h>

#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::MessageBuilder;
using testing::varint_bytes;

std::vector<Field> read_all(const MessageBuilder& message, Status& status) {
  WireReader reader(message.bytes(), message.bytes().data());
  std::vector<Field> fields;
  Field field;
  while (reader.next(field)) fields.push_back(field);
  status = reader.status();
  return fields;
}

TEST(WireReader, ReadsEveryWireType) {
  MessageBuilder message;
  message.varint(1, 300).fixed<uint32_t>(2, 7).fixed<uint64_t>(3, 1ull << 40).block(4, "abc");
  Status status;
  std::vector<Field> fields = read_all(message, status);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields[0].value, 300u);
  EXPECT_EQ(fields[1].value, 7u);
  EXPECT_EQ(fields[2].value, 1ull << 40);
  EXPECT_EQ(as_text(fields[3].bytes), "abc");
  EXPECT_EQ(fields[3].tag, tag_of(4, WireType::kBytes));
}

TEST(WireReader, StepsOverUnknownGroups) {
  MessageBuilder message;
  message.tag(9, 3).varint(1, 1).tag(10, 3).block(2, "x").tag(10, 4).tag(9, 4).varint(5, 5);
  Status status;
  std::vector<Field> fields = read_all(message, status);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].value, 5u);
}

TEST(WireReader, AcceptsTenByteVarintAndTheHighestFieldNumber) {
  MessageBuilder message;
  message.varint((1u << 29) - 1, -1);
  Status status;
  std::vector<Field> fields = read_all(message, status);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(fields.at(0).value, UINT64_MAX);
}

struct Fault {
  const char* why;
  std::string bytes;
};

TEST(WireReader, RefusesWhatIsNoProtobuf) {
  MessageBuilder deep;
  for (int i = 0; i < 100; ++i) deep.tag(1, 3);
  const std::vector<Fault> faults = {
      {"cut off", "\x80"},
      {"out of range", std::string(1, '\0')},
      {"out of range", varint_bytes(1ull << 32 | 8)},
      {"varint is cut off or too long", "\x08\xff"},
      {"varint is cut off or too long", "\x08" + std::string(10, '\xff') + "\x01"},
      {"length exceeds",
       "\x0a\x05"
       "abcd"},
      {"length exceeds", "\x0a" + varint_bytes(UINT64_MAX)},
      {"length is cut off", "\x0a\x80"},
      {"fixed-width value is cut off",
       "\x0d"
       "abc"},
      {"fixed-width value is cut off",
       "\x09"
       "abcdefg"},
      {"unknown wire type", "\x0e"},
      {"unknown wire type", "\x0f"},
      {"never began", "\x0c"},
      {"group is cut off", "\x0b"},
      {"never began", "\x0b\x14"},
      {"nested too deeply", deep.str()},
  };
  for (const Fault& fault : faults) {
    Status status;
    read_all(MessageBuilder().append(fault.bytes), status);
    EXPECT_EQ(status.code(), Code::kInternal) << fault.why;
    EXPECT_NE(status.message().find(fault.why), std::string::npos) << status.message();
    EXPECT_NE(status.message().find("at byte"), std::string::npos) << status.message();
  }
}

}  // namespace
}  // namespace skein::protocol

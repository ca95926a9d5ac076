#include "protocol/infer_response.h"

#include <gtest/gtest.h>

#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::MessageBuilder;
using testing::packed_varints;

std::string joined(const Body& body) {
  std::string bytes;
  for (size_t i = 0; i < body.slice_count(); ++i) bytes += body.slice(i).text();
  return bytes;
}

struct Output {
  std::string name;
  DType dtype;
  Shape shape;
  Ref<Buffer> data;

  OutputView view() const { return {{dtype, shape, data->data(), data->size()}, &data, name}; }
  std::string text() const { return {reinterpret_cast<const char*>(data->data()), data->size()}; }
};

Output output(std::string name, DType dtype, Shape shape, size_t size, char fill) {
  Ref<Buffer> data = Buffer::allocate(size);
  std::memset(data->data(), fill, size);
  return {std::move(name), dtype, shape, std::move(data)};
}

MessageBuilder described(std::string_view name, std::string_view datatype,
                         const std::vector<int64_t>& shape) {
  return testing::input(name, datatype, shape);  // the same fields in requests and responses
}

TEST(InferResponse, SmallTensorsAreOneExactBuffer) {
  Output a = output("scores", DType::kFp32, {1, 300}, 1200, 'a');
  Output b = output("label", DType::kInt64, {}, 8, 'b');
  Output c = output("none", DType::kBytes, {0}, 0, 'c');
  std::vector<OutputView> views = {a.view(), b.view(), c.view()};
  Body body = encode({"digits", "3", "id-1"}, views);
  MessageBuilder expected;
  expected.block(1, "digits").block(2, "3").block(3, "id-1");
  expected.block(5, described("scores", "FP32", {1, 300}));
  expected.block(5, described("label", "INT64", {})).block(5, described("none", "BYTES", {0}));
  expected.block(6, a.text()).block(6, b.text()).block(6, "");
  EXPECT_EQ(joined(body), expected.str());
  ASSERT_EQ(body.slice_count(), 1u);
  EXPECT_EQ(body.slice(0).owner->size(), expected.str().size());
}

TEST(InferResponse, LargeTensorsAreSlicesOfTheirOwnBuffers) {
  Output small = output("s", DType::kUint8, {4096}, 4096, 's');
  Output large = output("l", DType::kUint8, {4097}, 4097, 'l');
  Output huge = output("h", DType::kUint8, {1, 300000}, 300000, 'h');
  std::vector<OutputView> views = {large.view(), small.view(), huge.view(), large.view()};
  Body body = encode({"m", "1", ""}, views);
  MessageBuilder expected;
  expected.block(1, "m").block(2, "1");
  expected.block(5, described("l", "UINT8", {4097})).block(5, described("s", "UINT8", {4096}));
  expected.block(5, described("h", "UINT8", {1, 300000}));
  expected.block(5, described("l", "UINT8", {4097}));
  expected.block(6, large.text()).block(6, small.text()).block(6, huge.text());
  expected.block(6, large.text());
  EXPECT_EQ(joined(body), expected.str());
  EXPECT_EQ(body.size(), expected.str().size());
  ASSERT_EQ(body.slice_count(), 6u);
  EXPECT_EQ(body.slice(1).data, large.data->data());
  EXPECT_EQ(body.slice(3).data, huge.data->data());
  EXPECT_EQ(body.slice(5).data, large.data->data());
}

TEST(InferResponse, KeepsLargeTensorsAlive) {
  Body body;
  {
    Output large = output("l", DType::kUint8, {5000}, 5000, 'l');
    std::vector<OutputView> views = {large.view()};
    body = encode({"m", "1", ""}, views);
  }
  EXPECT_EQ(body.slice(1).text(), std::string(5000, 'l'));
}

TEST(InferResponse, UnownedBytesAreCopiedWhateverTheirSize) {
  std::string bytes(10000, 'u');
  OutputView view{{DType::kUint8, {10000}, reinterpret_cast<const std::byte*>(bytes.data()), 10000},
                  nullptr,
                  "u"};
  Body body = encode({"m", "1", ""}, {&view, 1});
  EXPECT_EQ(body.slice_count(), 1u);
  MessageBuilder expected;
  expected.block(1, "m").block(2, "1").block(5, described("u", "UINT8", {10000})).block(6, bytes);
  EXPECT_EQ(joined(body), expected.str());
}

TEST(InferResponse, WithoutOutputsIsJustTheHead) {
  EXPECT_EQ(joined(encode({"m", "12", "x"}, {})),
            MessageBuilder().block(1, "m").block(2, "12").block(3, "x").str());
  EXPECT_EQ(encode({}, {}).size(), 0u);
}

}  // namespace
}  // namespace skein::protocol

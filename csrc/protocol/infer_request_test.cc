#include "protocol/infer_request.h"

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
using testing::parameter;
using testing::parse_status;
using testing::raw_request;
using testing::raw_strings;
using testing::tensor;

constexpr uint32_t kInputs = 5;
constexpr uint32_t kOutputs = 6;
constexpr uint32_t kRaw = 7;

std::string data_of(const TensorView& view) {
  return {reinterpret_cast<const char*>(view.data), view.size};
}

bool lies_within(const TensorView& view, const MessageBuilder& message) {
  const std::byte* begin = message.bytes().data();
  return view.data >= begin && view.data + view.size <= begin + message.bytes().size();
}

// --- Raw contents ---

TEST(InferRequest, ViewsRawBytesOfEveryFixedDatatypeInPlace) {
  for (int i = 0; i < kDTypeCount; ++i) {
    DType dtype = static_cast<DType>(i);
    if (dtype == DType::kBytes) continue;
    ModelSpec spec = model({tensor("x", dtype, {3, -1})});
    std::string raw(3 * 2 * element_size(dtype), '\1');
    MessageBuilder message = raw_request(input("x", name(dtype), {3, 2}), raw);
    InferRequest request;
    Status status = parse(message.bytes(), spec, request);
    ASSERT_TRUE(status.ok()) << name(dtype) << ": " << status.message();
    EXPECT_EQ(request.inputs.at(0).dtype, dtype);
    EXPECT_EQ(request.inputs[0].shape, Shape({3, 2}));
    EXPECT_EQ(data_of(request.inputs[0]), raw);
    EXPECT_TRUE(lies_within(request.inputs[0], message));
    EXPECT_TRUE(request.converted.empty());
    EXPECT_EQ(request.rows, 1);
    EXPECT_EQ(request.outputs, std::vector<uint32_t>{0});
  }
}

TEST(InferRequest, ViewsRawStringsInPlace) {
  ModelSpec spec = model({tensor("s", DType::kBytes, {-1})});
  std::string raw = raw_strings({"", "abc", std::string_view("\0\xff", 2)});
  MessageBuilder message = raw_request(input("s", "BYTES", {3}), raw);
  InferRequest request;
  ASSERT_TRUE(parse(message.bytes(), spec, request).ok());
  EXPECT_EQ(data_of(request.inputs.at(0)), raw);
  EXPECT_TRUE(lies_within(request.inputs[0], message));
}

TEST(InferRequest, WrongRawByteCountsSayExpectedAndGot) {
  ModelSpec spec = model({tensor("x", DType::kFp32, {-1, 16})});
  MessageBuilder tensor_message = input("x", "FP32", {2, 16});
  for (size_t size : {0u, 127u, 124u, 129u, 256u}) {
    expect_refused(parse_status(raw_request(tensor_message, std::string(size, 'a')), spec),
                   Code::kInvalidArgument,
                   {"input 'x' of model 'm'", "32 x 4 bytes", "[2,16]",
                    ("got " + std::to_string(size) + " bytes").c_str()});
  }
}

TEST(InferRequest, RawBoolBytesAreZeroOrOne) {
  ModelSpec spec = model({tensor("b", DType::kBool, {4})});
  expect_refused(
      parse_status(raw_request(input("b", "BOOL", {4}), std::string_view("\0\1\2\1", 4)), spec),
      Code::kInvalidArgument, {"'b'", "BOOL element 2 is the byte 2", "0 or 1"});
}

TEST(InferRequest, RawStringsMustAddUp) {
  ModelSpec spec = model({tensor("s", DType::kBytes, {-1})});
  struct Case {
    std::string raw;
    std::vector<const char*> parts;
  };
  const std::vector<Case> cases = {
      {raw_strings({"a", "b"}) + "\x01", {"BYTES element 2 is cut off", "1 bytes are left"}},
      {raw_strings({"a"}) + bytes_of<uint32_t>({100}) + "xyz",
       {"BYTES element 1 says 100 bytes", "3 are left"}},
      {bytes_of<uint32_t>({0xffffffff}), {"BYTES element 0 says 4294967295 bytes"}},
      {raw_strings({"a"}), {"expected 2 BYTES elements", "[2]", "got 1"}},
      {raw_strings({"a", "b", "c"}), {"expected 2 BYTES elements", "got 3"}},
      {"", {"expected 2 BYTES elements", "got 0"}},
  };
  for (const Case& one : cases) {
    Status status = parse_status(raw_request(input("s", "BYTES", {2}), one.raw), spec);
    for (const char* part : one.parts) expect_refused(status, Code::kInvalidArgument, {part});
  }
}

TEST(InferRequest, RawContentsComeForAllInputsOrNone) {
  ModelSpec spec = model({tensor("a", DType::kInt8, {1}), tensor("b", DType::kInt8, {1})});
  MessageBuilder inputs;
  inputs.block(kInputs, input("a", "INT8", {1})).block(kInputs, input("b", "INT8", {1}));
  MessageBuilder one = inputs;
  expect_refused(parse_status(one.block(kRaw, "x"), spec), Code::kInvalidArgument,
                 {"each of the 2 inputs", "got 1"});
  MessageBuilder many = inputs;
  for (int i = 0; i < 5000; ++i) many.block(kRaw, "x");
  expect_refused(parse_status(many, spec), Code::kInvalidArgument,
                 {"each of the 2 inputs", "got 5000"});
  expect_refused(parse_status(inputs, spec), Code::kInvalidArgument,
                 {"'a'", "no data", "1 elements", "contents.int_contents or raw_input_contents"});
}

TEST(InferRequest, RawAndTypedContentsExcludeEachOther) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  MessageBuilder message =
      raw_request(input("x", "INT8", {1}).block(5, MessageBuilder().varint(2, 1)), "x");
  expect_refused(parse_status(message, spec), Code::kInvalidArgument,
                 {"'x'", "typed contents", "raw_input_contents", "one of the two"});
}

// --- Names and order ---

TEST(InferRequest, InputsComeInTheModelsOrderWhateverTheClients) {
  ModelSpec spec = model({tensor("a", DType::kInt8, {1}), tensor("b", DType::kInt8, {2}),
                          tensor("c", DType::kInt8, {3})});
  MessageBuilder message;
  message.block(kRaw, "ccc");  // raw contents may precede the inputs on the wire
  message.block(kInputs, input("c", "INT8", {3})).block(kInputs, input("a", "INT8", {1}));
  message.block(kRaw, "a").block(kInputs, input("b", "INT8", {2})).block(kRaw, "bb");
  InferRequest request;
  Status status = parse(message.bytes(), spec, request);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(data_of(request.inputs.at(0)), "a");
  EXPECT_EQ(data_of(request.inputs.at(1)), "bb");
  EXPECT_EQ(data_of(request.inputs.at(2)), "ccc");
}

TEST(InferRequest, UnknownMissingAndDuplicateInputsAreNamed) {
  ModelSpec spec = model({tensor("a", DType::kInt8, {1}), tensor("b", DType::kFp32, {-1, 2})});
  MessageBuilder a;
  a.block(kInputs, input("a", "INT8", {1}));
  MessageBuilder unknown = a;
  expect_refused(parse_status(unknown.block(kInputs, input("z", "INT8", {1})), spec),
                 Code::kInvalidArgument,
                 {"model 'm' has no input 'z'", "'a' (INT8 [1])", "'b' (FP32 [-1,2])"});
  expect_refused(parse_status(a, spec), Code::kInvalidArgument,
                 {"lacks input 'b' of model 'm'", "'b' (FP32 [-1,2])"});
  MessageBuilder twice = a;
  expect_refused(parse_status(twice.block(kInputs, input("a", "INT8", {1})), spec),
                 Code::kInvalidArgument, {"input 'a' of model 'm' is given twice"});
  expect_refused(parse_status(MessageBuilder(), spec), Code::kInvalidArgument, {"lacks input 'a'"});
}

TEST(InferRequest, LongNamesAndListsAreCutInMessages) {
  std::vector<TensorSpec> inputs;
  for (int i = 0; i < 40; ++i)
    inputs.push_back(tensor("in" + std::to_string(i), DType::kInt8, {1}));
  Status status =
      parse_status(MessageBuilder().block(kInputs, input(std::string(100'000, 'n'), "INT8", {1})),
                   model(inputs));
  expect_refused(status, Code::kInvalidArgument, {"(100000 bytes)", "and 24 more"});
  EXPECT_LT(status.message().size(), 1000u);
}

// --- Outputs and parameters ---

TEST(InferRequest, RequestedOutputsKeepTheirOrder) {
  ModelSpec spec = model({});
  spec.outputs = {tensor("p", DType::kFp32, {1}), tensor("q", DType::kInt8, {1}),
                  tensor("r", DType::kFp32, {1})};
  auto wants = [](std::initializer_list<const char*> names) {
    MessageBuilder message;
    for (const char* one : names) message.block(kOutputs, MessageBuilder().block(1, one));
    return message;
  };
  InferRequest request;
  ASSERT_TRUE(parse(wants({"r", "p"}).bytes(), spec, request).ok());
  EXPECT_EQ(request.outputs, (std::vector<uint32_t>{2, 0}));
  ASSERT_TRUE(parse(wants({}).bytes(), spec, request).ok());
  EXPECT_EQ(request.outputs, (std::vector<uint32_t>{0, 1, 2}));
  expect_refused(parse_status(wants({"p", "z"}), spec), Code::kInvalidArgument,
                 {"model 'm' has no output 'z'", "'p' (FP32 [1])", "'q' (INT8 [1])"});
  expect_refused(parse_status(wants({"p", "q", "p"}), spec), Code::kInvalidArgument,
                 {"output 'p'", "twice"});
}

TEST(InferRequest, SharedMemoryIsUnimplemented) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  MessageBuilder region = parameter("shared_memory_region", MessageBuilder().block(3, "shm0"));
  MessageBuilder by_input = raw_request(input("x", "INT8", {1}).block(4, region), "x");
  expect_refused(parse_status(by_input, spec), Code::kUnimplemented,
                 {"input 'x' of model 'm'", "shared_memory_region", "'shm0'"});
  MessageBuilder plain = raw_request(input("x", "INT8", {1}), "x");
  MessageBuilder by_output = plain;
  by_output.block(kOutputs, MessageBuilder().block(1, "y").block(2, region));
  expect_refused(parse_status(by_output, spec), Code::kUnimplemented,
                 {"requested output 'y' of model 'm'", "shared_memory_region", "'shm0'"});
}

// A request for output `name` as classes; `count` is the content of an InferParameter.
MessageBuilder classified(std::string_view name, const MessageBuilder& count) {
  MessageBuilder classes = parameter("classification", count);
  return raw_request(input("x", "INT8", {1}), "x")
      .block(kOutputs, MessageBuilder().block(1, name).block(2, classes));
}

TEST(InferRequest, ClassesAreCountedPerOutput) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  spec.outputs = {tensor("p", DType::kFp32, {10}), tensor("q", DType::kFp16, {10})};
  MessageBuilder message = classified("q", MessageBuilder().varint(2, 3));
  message.block(kOutputs, MessageBuilder().block(1, "p"));
  InferRequest request;
  ASSERT_TRUE(parse(message.bytes(), spec, request).ok());
  EXPECT_EQ(request.outputs, (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(request.classes, (std::vector<uint32_t>{3, 0}));
  ASSERT_TRUE(parse(classified("p", MessageBuilder().varint(5, -1)).bytes(), spec, request).ok());
  EXPECT_EQ(request.classes, (std::vector<uint32_t>{~0u}));
  ASSERT_TRUE(parse(raw_request(input("x", "INT8", {1}), "x").bytes(), spec, request).ok());
  EXPECT_EQ(request.classes, (std::vector<uint32_t>{0, 0}));
}

TEST(InferRequest, ImpossibleClassificationsAreRefused) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  spec.outputs = {tensor("y", DType::kFp32, {10}), tensor("text", DType::kBytes, {1}),
                  tensor("flag", DType::kBool, {2})};
  const std::pair<MessageBuilder, const char*> counts[] = {
      {MessageBuilder().varint(2, 0), "int64_param 0"},
      {MessageBuilder().varint(2, -3), "int64_param -3"},
      {MessageBuilder().varint(5, 0), "uint64_param 0"},
      {MessageBuilder().varint(1, 1), "bool_param true"},
      {MessageBuilder().block(3, "3"), "string_param '3'"},
      {MessageBuilder().fixed(4, 3.0), "double_param 3"}};
  for (const auto& [count, said] : counts) {
    expect_refused(parse_status(classified("y", count), spec), Code::kInvalidArgument,
                   {"requested output 'y' of model 'm'", "classification", said, "1 or more"});
  }
  MessageBuilder one = MessageBuilder().varint(2, 1);
  expect_refused(parse_status(classified("text", one), spec), Code::kInvalidArgument,
                 {"requested output 'text'", "numbers, not BYTES"});
  expect_refused(parse_status(classified("flag", one), spec), Code::kInvalidArgument,
                 {"requested output 'flag'", "numbers, not BOOL"});
}

TEST(InferRequest, OtherTensorParametersAreIgnored) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  MessageBuilder binary = parameter("binary_data_size", MessageBuilder().varint(2, 1));
  MessageBuilder message = raw_request(input("x", "INT8", {1}).block(4, binary), "x");
  message.block(kOutputs, MessageBuilder().block(1, "y").block(2, binary));
  Status status = parse_status(message, spec);
  EXPECT_TRUE(status.ok()) << status.message();
}

// --- The wire ---

TEST(InferRequest, BadUtf8InTensorNamesIsInternal) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {1})});
  auto as_input = [](MessageBuilder m) { return MessageBuilder().block(kInputs, m); };
  expect_refused(parse_status(as_input(MessageBuilder().block(1, "\xff")), spec), Code::kInternal,
                 {"'inputs.name'", "UTF-8"});
  expect_refused(parse_status(as_input(MessageBuilder().block(1, "x").block(2, "\xff")), spec),
                 Code::kInternal, {"'inputs.datatype'"});
  expect_refused(
      parse_status(MessageBuilder().block(kOutputs, MessageBuilder().block(1, "\xff")), spec),
      Code::kInternal, {"'outputs.name'"});
}

TEST(InferRequest, EveryTruncationIsRefused) {
  ModelSpec spec = model({tensor("x", DType::kFp32, {-1, 2}), tensor("s", DType::kBytes, {1})}, 8);
  MessageBuilder message;
  MessageBuilder region = parameter("other", MessageBuilder().block(3, "value"));
  message.block(kInputs, input("x", "FP32", {2, 2}).block(4, region));
  message.block(kInputs, input("s", "BYTES", {2})).block(kOutputs, MessageBuilder().block(1, "y"));
  message.block(kRaw, std::string(16, 'a')).block(kRaw, raw_strings({"one", "two"}));
  spec.inputs[1].dims = Shape({-1});
  ASSERT_TRUE(parse_status(message, spec).ok()) << parse_status(message, spec).message();
  for (size_t size = 0; size < message.bytes().size(); ++size) {
    std::string copy = message.str().substr(0, size);  // its own allocation: overreads show
    InferRequest request;
    Status status = parse(std::as_bytes(std::span(copy)), spec, request);
    EXPECT_FALSE(status.ok()) << size;
  }
}

TEST(InferRequest, UnknownFieldsAndGroupsAreSkippedEverywhere) {
  auto noise = [](MessageBuilder& m) -> MessageBuilder& {
    return m.varint(99, 5)
        .fixed<uint32_t>(98, 1)
        .fixed<uint64_t>(97, 1)
        .block(96, "x")
        .tag(95, 3)
        .varint(1, 1)
        .tag(95, 4)
        .varint(1, 5);  // the last is `name` or `model_name` of wrong type
  };
  MessageBuilder tensor_message = input("x", "INT8", {1});
  noise(tensor_message);
  MessageBuilder contents;
  noise(contents).varint(2, 7);
  tensor_message.block(5, contents);
  MessageBuilder message;
  noise(message).block(kInputs, tensor_message);
  InferRequest request;
  // Field 1 as a varint is bool_contents inside `contents`, hence a wrong field there.
  Status status = parse(message.bytes(), model({tensor("x", DType::kInt8, {1})}), request);
  expect_refused(status, Code::kInvalidArgument, {"bool_contents"});
  MessageBuilder plain = input("x", "INT8", {1});
  noise(plain);
  MessageBuilder raw = raw_request(plain, "x");
  noise(raw);
  EXPECT_TRUE(parse_status(raw, model({tensor("x", DType::kInt8, {1})})).ok());
}

TEST(InferRequest, ClearForgetsTheLastRequest) {
  ModelSpec spec = model({tensor("x", DType::kInt8, {-1})}, 4);
  MessageBuilder typed;
  typed.block(kInputs,
              input("x", "INT8", {2}).block(5, MessageBuilder().varint(2, 1).varint(2, 2)));
  InferRequest request;
  ASSERT_TRUE(parse(typed.bytes(), spec, request).ok());
  EXPECT_EQ(request.converted.size(), 1u);
  MessageBuilder raw = raw_request(input("x", "INT8", {1}), "x");
  ASSERT_TRUE(parse(raw.bytes(), spec, request).ok());
  EXPECT_EQ(request.inputs.size(), 1u);
  EXPECT_EQ(request.outputs.size(), 1u);
  EXPECT_EQ(request.rows, 1);
  EXPECT_TRUE(request.converted.empty());
}

}  // namespace
}  // namespace skein::protocol

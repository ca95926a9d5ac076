#include "runtime/openvino_config.h"

#include <gtest/gtest.h>

#include "runtime/json_object.h"

namespace skein::runtime {
namespace {

ExecutionSpec openvino(std::map<std::string, std::string> options) {
  ExecutionSpec execution;
  execution.provider = "openvino";
  execution.options = std::move(options);
  execution.intra_op_threads = 2;
  return execution;
}

std::string load_config(const std::string& given) {
  return openvino_options(openvino({{"load_config", given}}), 3).value()["load_config"];
}

TEST(OpenVinoConfig, UnpinsCallersAndCountsThreadsAndStreams) {
  auto options = openvino_options(openvino({}), 3).value();
  EXPECT_EQ(options["device_type"], "CPU");
  EXPECT_EQ(options["load_config"],
            R"({"CPU":{"ENABLE_CPU_PINNING":"NO","INFERENCE_NUM_THREADS":6,"NUM_STREAMS":3}})");
}

TEST(OpenVinoConfig, UsersLoadConfigWinsKeyByKey) {
  EXPECT_EQ(load_config(R"({"CPU": {"NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "bf16"}})"),
            R"({"CPU":{"ENABLE_CPU_PINNING":"NO","INFERENCE_NUM_THREADS":6,)"
            R"("INFERENCE_PRECISION_HINT":"bf16","NUM_STREAMS":1}})");
  EXPECT_NE(load_config(R"({"GPU": {"X": [1, {"}": 2}]}})").find(R"("GPU":{"X": [1, {"}": 2}]})"),
            std::string::npos);
}

TEST(OpenVinoConfig, UsersOwnOptionsAreNotOverridden) {
  auto given = openvino({{"num_of_threads", "4"}, {"num_streams", "2"}});
  auto options = openvino_options(given, 3).value();
  EXPECT_EQ(options["load_config"], R"({"CPU":{"ENABLE_CPU_PINNING":"NO"}})");
  EXPECT_EQ(options["num_of_threads"], "4");
  EXPECT_EQ(options["num_streams"], "2");
}

TEST(OpenVinoConfig, OtherDevicesAreLeftAlone) {
  auto options = openvino_options(openvino({{"device_type", "GPU"}}), 3).value();
  EXPECT_FALSE(options.contains("load_config"));
}

TEST(OpenVinoConfig, MalformedLoadConfigIsRefused) {
  for (const char* text : {"", "x", "{", "[1]", R"({"CPU": 1})", R"({"CPU": {"A": }})", R"({"A")",
                           R"({"CPU": {}} x)", R"({"CPU": "unfinished)", R"({"a": 1,})"}) {
    auto options = openvino_options(openvino({{"load_config", text}}), 1);
    ASSERT_FALSE(options.ok()) << text;
    EXPECT_EQ(options.status().code(), Code::kInvalidArgument);
  }
}

TEST(JsonObject, KeepsEscapedQuotesAndNesting) {
  auto object = parse_json_object(R"( { "a\"}" : "x,}" , "b" : {"c": [1, 2]} , "d": -1.5e3 } )");
  ASSERT_TRUE(object);
  EXPECT_EQ((*object)[R"("a\"}")"], R"("x,}")");
  EXPECT_EQ((*object)[R"("b")"], R"({"c": [1, 2]})");
  EXPECT_EQ((*object)[R"("d")"], "-1.5e3");
}

}  // namespace
}  // namespace skein::runtime

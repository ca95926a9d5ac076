#include <filesystem>
#include <fstream>

#include "runtime/onnx_fixture.h"

namespace skein::runtime {
namespace {

TEST(Library, IsOpenedOncePerProcess) {
  auto runtime = test_runtime();
  EXPECT_EQ(runtime, test_runtime());
  EXPECT_EQ(runtime->version().substr(0, 2), "1.");
  EXPECT_EQ(runtime->providers().front(), "cpu");
  auto other = OnnxRuntime::open("/nowhere/libonnxruntime.so");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.status().code(), Code::kFailedPrecondition);
}

TEST(Load, DescribesTensors) {
  auto model = try_load("dynamic_inner").value();
  ASSERT_EQ(model->inputs().size(), 1u);
  EXPECT_EQ(model->inputs()[0].name, "INPUT0");
  EXPECT_EQ(model->inputs()[0].dtype, DType::kFp32);
  EXPECT_EQ(to_string(model->inputs()[0].dims), "[-1,-1]");
  ASSERT_EQ(model->outputs().size(), 2u);
  EXPECT_EQ(to_string(model->outputs()[1].dims), "[-1,1]");
}

TEST(Load, MapsEveryDatatype) {
  for (int i = 0; i < kDTypeCount; ++i) {
    auto dtype = static_cast<DType>(i);
    std::string graph = "identity_";
    for (char c : name(dtype)) graph += static_cast<char>(std::tolower(c));
    auto model = try_load(graph).value();
    EXPECT_EQ(model->inputs()[0].dtype, dtype) << graph;
    EXPECT_EQ(model->outputs()[0].dtype, dtype) << graph;
  }
}

TEST(Load, InitializersThatCanBeOverriddenAreNoInputs) {
  EXPECT_EQ(try_load("overridable").value()->inputs().size(), 1u);
}

struct Refusal {
  const char* graph;
  const char* provider;
  Code code;
  std::vector<const char*> says;
};

TEST(Load, RefusalsNameTheFileTheTensorAndTheFix) {
  const Refusal refusals[] = {
      {"zipmap",
       "cpu",
       Code::kInvalidArgument,
       {"'PROBABILITIES' is a sequence", "'zipmap': False"}},
      {"rank_nine", "cpu", Code::kInvalidArgument, {"'INPUT0' has 9 dimensions; at most 8"}},
      {"float8_output", "cpu", Code::kInvalidArgument, {"'OUTPUT0'", "float8e4m3fn", "cast it"}},
      {"absent", "cpu", Code::kNotFound, {"absent"}},
      {"mlp", "rocm", Code::kInvalidArgument, {"'rocm'", "cpu, openvino, cuda or tensorrt"}},
  };
  for (const Refusal& refusal : refusals) {
    ExecutionSpec execution;
    execution.provider = refusal.provider;
    auto model = try_load(refusal.graph, execution);
    ASSERT_FALSE(model.ok()) << refusal.graph;
    EXPECT_EQ(model.status().code(), refusal.code) << model.status().message();
    EXPECT_NE(model.status().message().find(graph_path(refusal.graph)), std::string::npos);
    for (const char* text : refusal.says) {
      EXPECT_NE(model.status().message().find(text), std::string::npos)
          << model.status().message() << " lacks " << text;
    }
  }
}

TEST(Load, ProviderOutsideThisBuildIsRefusedWithWhatIsAvailable) {
  auto available = test_runtime()->providers();
  for (const char* provider : {"openvino", "cuda", "tensorrt"}) {
    if (std::find(available.begin(), available.end(), provider) != available.end()) continue;
    ExecutionSpec execution;
    execution.provider = provider;
    auto model = try_load("mlp", execution);
    ASSERT_FALSE(model.ok()) << provider;
    EXPECT_EQ(model.status().code(), Code::kFailedPrecondition);
    EXPECT_NE(model.status().message().find("available: cpu"), std::string::npos);
  }
}

TEST(Load, FileThatIsNoModelIsRefused) {
  std::string path = testing::TempDir() + "/garbage.onnx";
  std::ofstream(path) << "not an onnx file";
  auto model = OnnxModel::load(test_runtime(), path, {}, 1);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), Code::kInvalidArgument) << model.status().message();
  EXPECT_NE(model.status().message().find(path), std::string::npos);
  std::filesystem::remove(path);
}

TEST(Load, OptionsThatNoProviderReadsAreRefused) {
  ExecutionSpec execution;
  execution.options = {{"arena", "1"}};
  EXPECT_EQ(try_load("mlp", execution).status().code(), Code::kInvalidArgument);
  execution = {};
  execution.intra_op_threads = 0;
  EXPECT_EQ(try_load("mlp", execution).status().code(), Code::kInvalidArgument);
  execution = {};
  execution.optimization_level = 3;
  EXPECT_EQ(try_load("mlp", execution).status().code(), Code::kInvalidArgument);
}

TEST(MakeExecutor, NamesTheTensorThatDoesNotFit) {
  auto model = try_load("dynamic_inner").value();
  auto refused = [&](auto change, const char* says) {
    ModelSpec spec = spec_of(*model, 8);
    change(spec);
    auto executor = model->make_executor(spec);
    ASSERT_FALSE(executor.ok()) << says;
    EXPECT_EQ(executor.status().code(), Code::kInvalidArgument);
    EXPECT_NE(executor.status().message().find(says), std::string::npos)
        << executor.status().message();
  };
  refused([](ModelSpec& s) { s.inputs[0].name = "X"; }, "input 'X' is not in the model file");
  refused([](ModelSpec& s) { s.outputs[1].name = "Y"; }, "output 'Y' is not in the model file");
  refused([](ModelSpec& s) { s.inputs[0].dtype = DType::kInt8; }, "'INPUT0' is configured as INT8");
  refused(
      [](ModelSpec& s) {
        s.outputs[1].dims = {-1, 2};
      },
      "'SUM' is configured with shape [-1,2]");
  refused([](ModelSpec& s) { s.inputs.clear(); }, "'INPUT0' of the model file is not configured");
  refused([](ModelSpec& s) { s.outputs.clear(); }, "no output");

  auto fixed = try_load("no_batch").value();
  auto executor = fixed->make_executor(spec_of(*fixed, 4));
  ASSERT_FALSE(executor.ok());
  EXPECT_NE(executor.status().message().find("fixed first dimension 4"), std::string::npos);
}

}  // namespace
}  // namespace skein::runtime

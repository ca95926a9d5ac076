#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "runtime/onnx_fixture.h"

namespace skein::runtime {
namespace {

std::vector<float> counted(size_t count, float first) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(Executor, ConcatenatesItemsInOrder) {
  auto executor = executor_of("identity_fp32", 8);
  auto a = counted(16, 0), b = counted(32, 100);
  for (int repeat = 0; repeat < 3; ++repeat) {
    BatchResult result =
        run(*executor, {{view_of(DType::kFp32, {1, 16}, a)}, {view_of(DType::kFp32, {2, 16}, b)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(to_string(result.outputs[0].view.shape), "[3,16]");
    auto expected = a;
    expected.insert(expected.end(), b.begin(), b.end());
    EXPECT_EQ(values_of<float>(result.outputs[0]), expected);
    EXPECT_LE(result.started, result.gathered);
    EXPECT_LE(result.gathered, result.finished);
  }
}

TEST(Executor, StagingGrowsAndShrinksWithTheBatch) {
  auto executor = executor_of("identity_fp32", 64);
  for (int64_t rows : {1, 40, 2, 64, 1}) {
    auto values = counted(static_cast<size_t>(rows) * 16, static_cast<float>(rows));
    std::vector<std::vector<TensorView>> items;
    for (int64_t row = 0; row < rows; ++row) {
      items.push_back({{DType::kFp32,
                        {1, 16},
                        reinterpret_cast<const std::byte*>(values.data() + row * 16),
                        64}});
    }
    BatchResult result = run(*executor, items);
    ASSERT_TRUE(result.status.ok());
    EXPECT_EQ(values_of<float>(result.outputs[0]), values);
  }
}

TEST(Executor, UnalignedBytesAreStaged) {
  auto executor = executor_of("identity_fp32", 8);
  auto values = counted(16, 7);
  std::vector<std::byte> bytes(65);
  std::memcpy(bytes.data() + 1, values.data(), 64);
  BatchResult result = run(*executor, {{{DType::kFp32, {1, 16}, bytes.data() + 1, 64}}});
  ASSERT_TRUE(result.status.ok());
  EXPECT_EQ(values_of<float>(result.outputs[0]), values);
}

TEST(Executor, OutputsOutliveExecutorAndModel) {
  auto executor = executor_of("identity_fp32", 8);
  auto values = counted(16, 3);
  BatchResult first = run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}});
  auto others = counted(16, 50);
  BatchResult second = run(*executor, {{view_of(DType::kFp32, {1, 16}, others)}});
  executor.reset();
  EXPECT_EQ(values_of<float>(first.outputs[0]), values);
  EXPECT_EQ(values_of<float>(second.outputs[0]), others);
}

TEST(Executor, OutputThatIsAnInputDoesNotSeeTheRequestsBytes) {
  auto executor = executor_of("passes_through", 0);
  auto values = counted(4, 1);
  BatchResult result = run(*executor, {{view_of(DType::kFp32, {1, 4}, values)}});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  std::fill(values.begin(), values.end(), 0.0f);
  EXPECT_EQ(values_of<float>(result.outputs[1]), counted(4, 1));
  EXPECT_EQ(values_of<float>(result.outputs[2]), (std::vector<float>{1, 2}));
}

TEST(Executor, EveryFixedSizeDatatypePassesUnchanged) {
  for (int i = 0; i < static_cast<int>(DType::kBytes); ++i) {
    auto dtype = static_cast<DType>(i);
    if (dtype == DType::kFp32) continue;
    std::string graph = "identity_";
    for (char c : name(dtype)) graph += static_cast<char>(std::tolower(c));
    auto executor = executor_of(graph, 8);
    std::vector<uint8_t> bytes(4 * element_size(dtype));
    for (size_t at = 0; at < bytes.size(); ++at) bytes[at] = at % 2;
    TensorView view = view_of(dtype, {1, 4}, bytes);
    BatchResult result = run(*executor, {{view}, {view}});
    ASSERT_TRUE(result.status.ok()) << graph << result.status.message();
    auto twice = bytes;
    twice.insert(twice.end(), bytes.begin(), bytes.end());
    EXPECT_EQ(values_of<uint8_t>(result.outputs[0]), twice) << graph;
  }
}

TEST(Executor, StringsKeepZeroBytesAndEmptyElementsAndTellRows) {
  auto executor = executor_of("identity_bytes", 8);
  using namespace std::string_literals;
  std::string first = "\1\0\0\0a\0\0\0\0\3\0\0\0x\0y\2\0\0\0zz"s;
  std::string second = "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0q"s;
  BatchResult result = run(*executor, {{raw_view(DType::kBytes, {1, 4}, first)},
                                       {raw_view(DType::kBytes, {1, 4}, second)}});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  const OutputTensor& output = result.outputs[0];
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(output.view.data), output.view.size),
            first + second);
  EXPECT_EQ(output.row_offsets,
            (std::vector<size_t>{0, first.size(), first.size() + second.size()}));
}

TEST(Executor, MalformedStringsAreRefused) {
  auto executor = executor_of("identity_bytes", 8);
  using namespace std::string_literals;
  for (const std::string& raw :
       {"\1\0\0"s, "\5\0\0\0ab"s, "\0\0\0\0"s, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s}) {
    BatchResult result = run(*executor, {{raw_view(DType::kBytes, {1, 4}, raw)}});
    EXPECT_EQ(result.status.code(), Code::kInvalidArgument);
    EXPECT_NE(result.status.message().find("'INPUT0'"), std::string::npos);
  }
}

TEST(Executor, ScalarsAndFixedShapesRunAlone) {
  auto scalar = executor_of("add_scalar", 0);
  std::vector<float> n{1, 2, 3}, ten{10};
  BatchResult sum = run(*scalar, {{view_of(DType::kFp32, {3}, n), view_of(DType::kFp32, {}, ten)}});
  ASSERT_TRUE(sum.status.ok()) << sum.status.message();
  EXPECT_EQ(values_of<float>(sum.outputs[0]), (std::vector<float>{11, 12, 13}));
  EXPECT_EQ(sum.outputs[1].view.shape.rank(), 0u);
  EXPECT_EQ(values_of<float>(sum.outputs[1]), std::vector<float>{36});

  auto fixed = executor_of("no_batch", 0);
  auto values = counted(16, 0);
  BatchResult transposed = run(*fixed, {{view_of(DType::kFp32, {4, 4}, values)}});
  ASSERT_TRUE(transposed.status.ok());
  EXPECT_EQ(values_of<float>(transposed.outputs[0])[1], 4);
}

TEST(Executor, ZeroSizeDimensionsAreTensorsToo) {
  auto executor = executor_of("empty_rows", 8);
  std::vector<float> one{5};
  std::vector<TensorView> item{{DType::kFp32, {1, 0}, nullptr, 0},
                               view_of(DType::kFp32, {1, 1}, one)};
  BatchResult result = run(*executor, {item, item});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  EXPECT_EQ(to_string(result.outputs[0].view.shape), "[2,0]");
  EXPECT_EQ(result.outputs[0].view.size, 0u);
  EXPECT_EQ(values_of<float>(result.outputs[1]), (std::vector<float>{5, 5}));
}

TEST(Executor, ComputesOnlyWantedOutputs) {
  auto executor = executor_of("many_io", 8);
  std::vector<std::vector<float>> values;
  std::vector<TensorView> item;
  for (int i = 0; i < 32; ++i) values.push_back({1.0f * i, 2.0f * i});
  for (auto& value : values) item.push_back(view_of(DType::kFp32, {1, 2}, value));
  for (uint64_t wanted : {~uint64_t{0}, uint64_t{1} << 3 | uint64_t{1} << 31, ~uint64_t{0}}) {
    BatchResult result = run(*executor, {item, item}, wanted);
    ASSERT_TRUE(result.status.ok());
    ASSERT_EQ(result.outputs.size(), 32u);
    for (int i = 0; i < 32; ++i) {
      ASSERT_EQ(result.outputs[i].present, (wanted >> i & 1) == 1);
      if (!result.outputs[i].present) continue;
      std::vector<float> expected{2.0f * i, 3.0f * i, 2.0f * i, 3.0f * i};
      EXPECT_EQ(values_of<float>(result.outputs[i]), expected);
    }
  }
}

TEST(Executor, FailedRunNamesTheNodeAndTheNextOneWorks) {
  auto executor = executor_of("fails_at_run", 8);
  std::vector<int64_t> good{3}, bad{99};
  BatchResult failed =
      run(*executor, {{view_of(DType::kInt64, {1}, good)}, {view_of(DType::kInt64, {1}, bad)}});
  EXPECT_EQ(failed.status.code(), Code::kInternal);
  EXPECT_NE(failed.status.message().find("'lookup'"), std::string::npos) << failed.status.message();
  EXPECT_TRUE(failed.outputs.empty());
  BatchResult next = run(*executor, {{view_of(DType::kInt64, {1}, good)}});
  ASSERT_TRUE(next.status.ok());
  EXPECT_EQ(values_of<float>(next.outputs[0]), (std::vector<float>{6, 7}));
}

TEST(Executor, OutputThatLosesTheBatchIsNamed) {
  auto executor = executor_of("flattens", 8);
  auto values = counted(8, 0);
  BatchResult result = run(*executor, {{view_of(DType::kFp32, {2, 4}, values)}});
  EXPECT_EQ(result.status.code(), Code::kInternal);
  EXPECT_NE(result.status.message().find(
                "output 'OUTPUT0' has the shape [8] for a batch of 2 rows, expected 2"),
            std::string::npos)
      << result.status.message();
}

TEST(Executor, BytesThatDoNotFillTheShapeAreRefused) {
  auto executor = executor_of("identity_fp32", 8);
  std::vector<float> few(3);
  BatchResult result = run(*executor, {{view_of(DType::kFp32, {1, 16}, few)}});
  EXPECT_EQ(result.status.code(), Code::kInternal);
  EXPECT_NE(result.status.message().find("holds 12 bytes, its shape needs 64"), std::string::npos);
}

TEST(Executor, SlotsShareASessionFromSeveralThreads) {
  for (const std::string& provider : test_runtime()->providers()) {
    if (provider == "cuda" || provider == "tensorrt") continue;  // may lack a device
    ExecutionSpec execution;
    execution.provider = provider;
    auto model = OnnxModel::load(test_runtime(), graph_path("dynamic_inner"), execution, 2).value();
    std::atomic<int> wrong{0};
    auto drive = [&](float value) {
      auto executor = model->make_executor(spec_of(*model, 8)).value();
      for (size_t i = 0; i < 200; ++i) {
        std::vector<float> row(1 + i % 3, value);
        Shape shape{1, static_cast<int64_t>(row.size())};
        BatchResult result = run(*executor, {{view_of(DType::kFp32, shape, row)}});
        if (!result.status.ok() || values_of<float>(result.outputs[0]) != row) ++wrong;
      }
    };
    std::thread other(drive, 1.0f);
    drive(2.0f);
    other.join();
    EXPECT_EQ(wrong, 0) << provider;
  }
}

TEST(Executor, EveryCpuProviderGivesTheSameValues) {
  auto input = counted(128, -64);
  for (float& value : input) value /= 64;
  auto expected = run(*executor_of("mlp", 8), {{view_of(DType::kFp32, {2, 64}, input)}});
  for (const std::string& provider : test_runtime()->providers()) {
    if (provider == "cuda" || provider == "tensorrt") continue;  // may lack a device
    auto result = run(*executor_of("mlp", 8, provider), {{view_of(DType::kFp32, {2, 64}, input)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    auto got = values_of<float>(result.outputs[0]);
    auto want = values_of<float>(expected.outputs[0]);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-3) << provider;
  }
}

}  // namespace
}  // namespace skein::runtime

#include <algorithm>

#include "runtime/bound_fixture.h"

namespace skein::runtime {
namespace {

TEST(BoundExecutor, FillsABatchUpAndCutsItsOutputsBack) {
  FakeCuda cuda;
  auto executor = bound_executor_of("identity_fp32", 8, {1, 2, 4, 8});
  for (int64_t rows : {3, 8, 1, 5, 3}) {
    auto values = counted(static_cast<size_t>(rows) * 16, static_cast<float>(rows));
    BatchResult result = run(*executor, {{view_of(DType::kFp32, {rows, 16}, values)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(result.outputs[0].view.shape, (Shape{rows, 16}));
    EXPECT_EQ(values_of<float>(result.outputs[0]), values);
    EXPECT_LE(result.started, result.gathered);
    EXPECT_LE(result.gathered, result.finished);
  }
  EXPECT_EQ(cuda.calls("cudaMemcpyAsync"), 10);
}

TEST(BoundExecutor, TakesItsMemoryOnce) {
  FakeCuda cuda;
  auto executor = bound_executor_of("identity_fp32", 8, {1, 8});
  int made = cuda.calls("cudaMalloc");
  for (int64_t rows : {8, 1, 8}) {
    auto values = counted(static_cast<size_t>(rows) * 16, 0);
    ASSERT_TRUE(run(*executor, {{view_of(DType::kFp32, {rows, 16}, values)}}).status.ok());
  }
  EXPECT_EQ(cuda.calls("cudaMalloc"), made);
  EXPECT_EQ(made, 2);
  executor.reset();
  EXPECT_EQ(cuda.calls("cudaFree"), 2);
  EXPECT_EQ(cuda.calls("cudaFreeHost"), 2);
  EXPECT_EQ(cuda.calls("cudaStreamDestroy"), 1);
}

TEST(BoundExecutor, OutputsOutliveTheSlot) {
  FakeCuda cuda;
  auto executor = bound_executor_of("identity_fp32", 8);
  auto values = counted(16, 3), others = counted(16, 50);
  BatchResult first = run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}});
  BatchResult second = run(*executor, {{view_of(DType::kFp32, {1, 16}, others)}});
  executor.reset();
  EXPECT_EQ(values_of<float>(first.outputs[0]), values);
  EXPECT_EQ(values_of<float>(second.outputs[0]), others);
}

TEST(BoundExecutor, DynamicDimensionsAreAllocatedByTheRuntime) {
  FakeCuda cuda;
  auto executor = bound_executor_of("dynamic_inner", 8, {1, 4, 8});
  for (int64_t length : {2, 700, 3}) {
    auto values = counted(static_cast<size_t>(3 * length), 0);
    BatchResult result = run(*executor, {{view_of(DType::kFp32, {3, length}, values)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(result.outputs[0].view.shape, (Shape{3, length}));
    EXPECT_EQ(values_of<float>(result.outputs[0]), values);
    EXPECT_EQ(result.outputs[1].view.shape, (Shape{3, 1}));
  }
}

TEST(BoundExecutor, StringsStayInHostMemory) {
  FakeCuda cuda;
  auto executor = bound_executor_of("identity_bytes", 8);
  using namespace std::string_literals;
  std::string row = "\1\0\0\0a\0\0\0\0\3\0\0\0x\0y\2\0\0\0zz"s;
  TensorView view = raw_view(DType::kBytes, {1, 4}, row);
  BatchResult result = run(*executor, {{view}, {view}});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  const OutputTensor& output = result.outputs[0];
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(output.view.data), output.view.size),
            row + row);
  EXPECT_EQ(output.row_offsets, (std::vector<size_t>{0, row.size(), 2 * row.size()}));
  EXPECT_EQ(cuda.calls("cudaMemcpyAsync"), 0);
  BatchResult refused = run(*executor, {{raw_view(DType::kBytes, {1, 4}, "\1\0\0"s)}});
  EXPECT_EQ(refused.status.code(), Code::kInvalidArgument);
}

TEST(BoundExecutor, ModelsWithoutBatchDimensionRunAsTheyAre) {
  FakeCuda cuda;
  auto fixed = bound_executor_of("no_batch", 0);
  auto values = counted(16, 0);
  BatchResult transposed = run(*fixed, {{view_of(DType::kFp32, {4, 4}, values)}});
  ASSERT_TRUE(transposed.status.ok()) << transposed.status.message();
  EXPECT_EQ(values_of<float>(transposed.outputs[0])[1], 4);

  auto scalar = bound_executor_of("add_scalar", 0);
  std::vector<float> n{1, 2, 3}, ten{10};
  BatchResult sum = run(*scalar, {{view_of(DType::kFp32, {3}, n), view_of(DType::kFp32, {}, ten)}});
  ASSERT_TRUE(sum.status.ok()) << sum.status.message();
  EXPECT_EQ(values_of<float>(sum.outputs[0]), (std::vector<float>{11, 12, 13}));
}

TEST(BoundExecutor, OutputThatIsAnInputOrAConstant) {
  FakeCuda cuda;
  auto executor = bound_executor_of("passes_through", 0);
  auto values = counted(4, 1);
  BatchResult result = run(*executor, {{view_of(DType::kFp32, {1, 4}, values)}});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  std::fill(values.begin(), values.end(), 0.0f);
  ASSERT_TRUE(run(*executor, {{view_of(DType::kFp32, {1, 4}, values)}}).status.ok());
  EXPECT_EQ(values_of<float>(result.outputs[1]), counted(4, 1));
  EXPECT_EQ(values_of<float>(result.outputs[2]), (std::vector<float>{1, 2}));
}

TEST(BoundExecutor, EmptyTensorsAreTensorsToo) {
  FakeCuda cuda;
  auto executor = bound_executor_of("empty_rows", 8, {4, 8});
  std::vector<float> one{5};
  std::vector<TensorView> item{{DType::kFp32, {1, 0}, nullptr, 0},
                               view_of(DType::kFp32, {1, 1}, one)};
  BatchResult result = run(*executor, {item, item});
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  EXPECT_EQ(to_string(result.outputs[0].view.shape), "[2,0]");
  EXPECT_EQ(values_of<float>(result.outputs[1]), (std::vector<float>{5, 5}));
}

TEST(BoundExecutor, CopiesOnlyWantedOutputsBack) {
  FakeCuda cuda;
  auto executor = bound_executor_of("many_io", 8);
  std::vector<std::vector<float>> values;
  std::vector<TensorView> item;
  for (int i = 0; i < 32; ++i) values.push_back({1.0f * i, 2.0f * i});
  for (auto& value : values) item.push_back(view_of(DType::kFp32, {1, 2}, value));
  BatchResult result = run(*executor, {item, item}, uint64_t{1} << 3 | uint64_t{1} << 31);
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  EXPECT_EQ(cuda.calls("cudaMemcpyAsync"), 32 + 2);
  for (int i : {3, 31}) {
    std::vector<float> expected{2.0f * i, 3.0f * i, 2.0f * i, 3.0f * i};
    EXPECT_EQ(values_of<float>(result.outputs[i]), expected);
  }
  EXPECT_FALSE(result.outputs[4].present);
}

TEST(BoundExecutor, PadsRowsToTheLongest) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("dynamic_inner");
  ModelSpec spec = bound_spec(*session, 8, {4, 8});
  spec.padding.inputs = {{0, -1}};
  spec.padding.outputs = {0};
  auto executor = make_bound_executor(session, spec, fake_stream()).value();
  std::vector<float> a{1, 2, 3}, b{4};
  std::vector<TensorView> first{view_of(DType::kFp32, {1, 3}, a)};
  std::vector<TensorView> second{view_of(DType::kFp32, {1, 1}, b)};
  Batch batch;
  batch.items = {{first, 1, 3}, {second, 1, 1}};
  batch.rows = 2;
  BatchResult result;
  executor->submit(batch, [&](BatchResult& done) { result = std::move(done); });
  ASSERT_TRUE(result.status.ok()) << result.status.message();
  EXPECT_EQ(values_of<float>(result.outputs[0]), (std::vector<float>{1, 2, 3, 4, -1, -1}));
  EXPECT_EQ(result.padded.padding, 2u);
}

}  // namespace
}  // namespace skein::runtime

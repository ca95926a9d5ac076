// What slots on a GPU do when it fails, on which GPU they run, and with CUDA graphs.
#include <thread>

#include "runtime/bound_fixture.h"

namespace skein::runtime {
namespace {

constexpr int kIllegalAddress = 700;

TEST(BoundDevice, AFailedRunFailsItsBatchAlone) {
  FakeCuda cuda;
  auto executor = bound_executor_of("fails_at_run", 8, {2, 8});
  std::vector<int64_t> good{3}, bad{99};
  BatchResult failed = run(*executor, {{view_of(DType::kInt64, {1}, bad)}});
  EXPECT_EQ(failed.status.code(), Code::kInternal);
  EXPECT_NE(failed.status.message().find("on GPU 0: "), std::string::npos);
  BatchResult next = run(*executor, {{view_of(DType::kInt64, {1}, good)}});
  ASSERT_TRUE(next.status.ok()) << next.status.message();
  EXPECT_EQ(values_of<float>(next.outputs[0]), (std::vector<float>{6, 7}));
}

TEST(BoundDevice, OutputsThatLoseTheBatchFail) {
  FakeCuda cuda;
  auto executor = bound_executor_of("flattens", 8);
  auto values = counted(8, 0);
  EXPECT_EQ(run(*executor, {{view_of(DType::kFp32, {2, 4}, values)}}).status.code(),
            Code::kInternal);
}

TEST(BoundDevice, BatchesOverTheLargestAreRefused) {
  FakeCuda cuda;
  auto executor = bound_executor_of("identity_fp32", 2);
  auto values = counted(48, 0);
  BatchResult result = run(*executor, {{view_of(DType::kFp32, {3, 16}, values)}});
  EXPECT_EQ(result.status.message(), "a batch of 3 rows is over max_batch_size 2");
}

TEST(BoundDevice, LackOfMemoryFailsTheSlotOrTheBatchThatMetIt) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  cuda.fail("cudaMalloc", CudaRuntime::kOutOfMemory);
  auto refused = make_bound_executor(session, bound_spec(*session, 8), fake_stream());
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);

  auto executor = bound_executor_of("dynamic_inner", 8);
  cuda.fail("cudaMalloc", CudaRuntime::kOutOfMemory);
  auto values = counted(300, 0);
  std::vector<std::vector<TensorView>> items{{view_of(DType::kFp32, {3, 100}, values)}};
  BatchResult failed = run(*executor, items);
  EXPECT_EQ(failed.status.code(), Code::kResourceExhausted);
  EXPECT_EQ(failed.status.message(), "GPU 0 is out of memory: to allocate 1200 bytes");
  BatchResult next = run(*executor, items);
  ASSERT_TRUE(next.status.ok()) << next.status.message();
  EXPECT_EQ(values_of<float>(next.outputs[0]), values);
}

TEST(BoundDevice, APassingDeviceErrorFailsOneBatch) {
  auto values = counted(16, 0);
  for (const char* function : {"cudaSetDevice", "cudaMemcpyAsync", "cudaStreamSynchronize"}) {
    FakeCuda cuda;
    auto executor = bound_executor_of("identity_fp32", 8);
    cuda.fail(function, kIllegalAddress);
    BatchResult failed = run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}});
    EXPECT_EQ(failed.status.code(), Code::kInternal) << function;
    EXPECT_NE(failed.status.message().find("GPU 0 failed"), std::string::npos);
    EXPECT_TRUE(failed.outputs.empty());
    EXPECT_TRUE(run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}}).status.ok());
  }
}

TEST(BoundDevice, ALostDeviceIsReportedAsSuch) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  Handle<OrtSession> leaked(session->handle());  // by the slot
  auto executor = make_bound_executor(session, bound_spec(*session, 8), fake_stream()).value();
  auto values = counted(16, 0);
  cuda.fail("cudaStreamSynchronize", kIllegalAddress, true);
  for (int again = 0; again < 2; ++again) {
    BatchResult result = run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}});
    EXPECT_EQ(result.status.code(), Code::kInternal);
    EXPECT_EQ(result.status.message(),
              "GPU 0 is lost until the server is started again: GPU 0 failed during a run: an "
              "illegal memory access was encountered");
  }
}

TEST(BoundDevice, EveryBatchChoosesItsSlotsDevice) {
  FakeCuda cuda;
  auto first = bound_executor_of("identity_fp32", 8, {}, 0);
  auto second = bound_executor_of("identity_fp32", 8, {}, 1);
  auto values = counted(16, 0);
  int before = cuda.calls("cudaMemcpyAsync on 1");
  for (Executor* executor : {first.get(), second.get(), second.get(), first.get(), second.get()}) {
    ASSERT_TRUE(run(*executor, {{view_of(DType::kFp32, {1, 16}, values)}}).status.ok());
  }
  EXPECT_EQ(cuda.calls("cudaMemcpyAsync on 0"), 4);
  EXPECT_EQ(cuda.calls("cudaMemcpyAsync on 1") - before, 6);
}

TEST(BoundDevice, WithCudaGraphsResultsAreTheSame) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  ModelSpec spec = bound_spec(*session, 8, {1, 4, 8});
  spec.execution.cuda_graph = true;
  auto executor = make_bound_executor(session, spec, fake_stream()).value();
  for (int64_t rows : {3, 3, 1, 4, 8}) {
    auto values = counted(static_cast<size_t>(rows) * 16, 1);
    BatchResult result = run(*executor, {{view_of(DType::kFp32, {rows, 16}, values)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(values_of<float>(result.outputs[0]), values);
  }
}

TEST(BoundDevice, CudaGraphsNeedTensorsOfFixedSize) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("dynamic_inner");
  ModelSpec spec = bound_spec(*session, 8);
  spec.execution.cuda_graph = true;
  auto refused = make_bound_executor(session, spec, fake_stream());
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_EQ(refused.status().message(),
            "cuda_graph needs tensors of fixed size, but 'INPUT0' is FP32[-1,-1]: give it fixed "
            "dims, or set cuda_graph: false");
}

TEST(BoundDevice, OnlyCudaCapturesGraphs) {
  std::shared_ptr<Session> session = session_of("identity_fp32");
  ModelSpec spec = spec_of(*session, 8);
  spec.execution.cuda_graph = true;
  Status status = session->make_executor(spec).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("not 'cpu'"), std::string::npos);
}

TEST(BoundDevice, SlotsRunSideBySide) {
  FakeCuda cuda;
  auto drive = [](int device_id, float value, bool graph, int& wrong) {
    std::shared_ptr<Session> session = session_of("mlp");
    ModelSpec spec = bound_spec(*session, 8, {1, 2, 4, 8});
    spec.execution.cuda_graph = graph;
    auto executor = make_bound_executor(session, spec, fake_stream(device_id)).value();
    std::vector<float> row(64, value);
    auto expected =
        values_of<float>(run(*executor, {{view_of(DType::kFp32, {1, 64}, row)}}).outputs[0]);
    for (int i = 0; i < 100; ++i) {
      std::vector<std::vector<TensorView>> items(static_cast<size_t>(1 + i % 8),
                                                 {view_of(DType::kFp32, {1, 64}, row)});
      BatchResult result = run(*executor, items);
      if (!result.status.ok()) ++wrong;
      for (size_t at = 0; result.status.ok() && at < 10; ++at) {
        float got = values_of<float>(result.outputs[0])[at];
        if (std::abs(got - expected[at]) > 1e-4) ++wrong;
      }
    }
  };
  int wrong_here = 0, wrong_there = 0;
  std::thread other(drive, 1, 0.5f, true, std::ref(wrong_there));
  drive(0, -0.5f, false, wrong_here);
  other.join();
  EXPECT_EQ(wrong_here, 0);
  EXPECT_EQ(wrong_there, 0);
}

}  // namespace
}  // namespace skein::runtime

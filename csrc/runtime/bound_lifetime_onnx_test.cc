// What slots on a GPU leave behind: sessions, memory, graphs that failed, devices that are lost.
#include <thread>

#include "runtime/bound_fixture.h"
#include "runtime/capture_gate.h"
#include "runtime/ort_fixture.h"

namespace skein::runtime {
namespace {

constexpr int kIllegalAddress = 700;

Status run_rows(Executor& executor, int64_t rows) {
  auto values = counted(static_cast<size_t>(rows) * 16, 1);
  BatchResult result = run(executor, {{view_of(DType::kFp32, {rows, 16}, values)}});
  if (result.status.ok()) {
    EXPECT_EQ(values_of<float>(result.outputs[0]), values);
  }
  return result.status;
}

ModelSpec graph_spec(const Session& session) {
  ModelSpec spec = bound_spec(session, 8, {1, 8});
  spec.execution.cuda_graph = true;
  return spec;
}

ModelSpec gpu_spec(const Session& session) {
  ModelSpec spec = bound_spec(session, 8);
  spec.execution.provider = "cuda";
  return spec;
}

// While a thread captures, `work` on another one must not get to what `count` counts.
template <class Work, class Count>
void expect_to_wait(Work work, Count count) {
  auto alone = CaptureGate::instance().capture();
  int before = count();
  std::jthread other(work);
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(count(), before);
  alone.unlock();
  other.join();
  EXPECT_GT(count(), before);
}

TEST(BoundLifetime, ASizeWhoseGraphFailsRunsWithoutOne) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  FakeOrt graphs;
  auto executor = make_bound_executor(session, graph_spec(*session), fake_stream()).value();
  graphs.fail_graph = true;
  EXPECT_NE(run_rows(*executor, 1).message().find("no capture"), std::string::npos);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run_rows(*executor, 1).ok());
  EXPECT_EQ(graphs.graph_runs, 1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run_rows(*executor, 8).ok());
  EXPECT_EQ(graphs.graph_runs, 4);
}

TEST(BoundLifetime, OnALostDeviceSessionsAreNotReleased) {
  for (bool ran_since : {true, false}) {
    FakeCuda cuda;
    std::shared_ptr<Session> session = session_of("identity_fp32");
    OrtSession* handle = session->handle();
    FakeOrt counts;
    auto executor = make_bound_executor(session, graph_spec(*session), fake_stream()).value();
    EXPECT_TRUE(run_rows(*executor, 1).ok());
    cuda.fail("cudaStreamSynchronize", kIllegalAddress, true);
    if (ran_since) {
      EXPECT_EQ(run_rows(*executor, 1).code(), Code::kInternal);
    }
    executor.reset();
    session.reset();
    ASSERT_EQ(counts.released_sessions, 0);
    Handle<OrtSession> leaked(handle);
  }
}

TEST(BoundLifetime, SessionsAreReleasedWithTheirLastSlot) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  FakeOrt counts;
  auto executor = make_bound_executor(session, graph_spec(*session), fake_stream()).value();
  session.reset();
  EXPECT_EQ(counts.released_sessions, 0);
  executor.reset();
  EXPECT_EQ(counts.released_sessions, 1);
}

TEST(BoundLifetime, MemoryIsFreedOnItsOwnDevice) {
  FakeCuda cuda;
  auto first = bound_executor_of("identity_fp32", 8, {}, 0);
  auto second = bound_executor_of("identity_fp32", 8, {}, 1);
  first.reset();
  EXPECT_EQ(cuda.calls("cudaFree on 0"), 2);
  EXPECT_EQ(cuda.calls("cudaFreeHost on 0"), 2);
  EXPECT_EQ(cuda.calls("cudaStreamDestroy on 0"), 1);
  second.reset();
  EXPECT_EQ(cuda.calls("cudaFree on 1"), 2);
  EXPECT_EQ(cuda.calls("cudaStreamDestroy on 1"), 1);
}

TEST(BoundLifetime, ASlotThatEndsGivesItsSessionBack) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = gpu_session_of("identity_fp32");
  ModelSpec spec = gpu_spec(*session);
  auto executor = session->make_executor(spec);
  ASSERT_TRUE(executor.ok()) << executor.status().message();
  // Of a second one, which CUDA would have to open.
  EXPECT_EQ(session->make_executor(spec).status().code(), Code::kFailedPrecondition);
  executor->reset();
  executor = session->make_executor(spec);
  ASSERT_TRUE(executor.ok()) << executor.status().message();
  EXPECT_TRUE(run_rows(**executor, 2).ok());
  executor->reset();
  cuda.fail("cudaMalloc", CudaRuntime::kOutOfMemory);
  EXPECT_EQ(session->make_executor(spec).status().code(), Code::kResourceExhausted);
  EXPECT_TRUE(session->make_executor(spec).ok());
}

TEST(BoundLifetime, SlotsAreMadeAndEndBetweenCaptures) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = session_of("identity_fp32");
  std::shared_ptr<const Stream> stream = fake_stream();
  std::unique_ptr<Executor> executor;
  expect_to_wait(
      [&] {
        executor = make_bound_executor(session, bound_spec(*session, 8), std::move(stream)).value();
      },
      [&] { return cuda.calls("cudaMalloc"); });
  expect_to_wait([&] { executor.reset(); }, [&] { return cuda.calls("cudaFree"); });
}

TEST(BoundLifetime, SessionsAreOpenedProbedAndEndBetweenCaptures) {
  FakeCuda cuda;
  std::shared_ptr<Session> session = gpu_session_of("identity_fp32");
  FakeOrt counts;
  ExecutionSpec cuda_execution;
  cuda_execution.provider = "cuda";
  expect_to_wait([&] { EXPECT_FALSE(try_load("identity_fp32", cuda_execution).ok()); },
                 [&] { return counts.provider_lookups.load(); });
  bool probed = false;
  expect_to_wait([&] { probed = session->probe_batching().value(); },
                 [&] { return static_cast<int>(probed); });
  expect_to_wait([&] { session.reset(); }, [&] { return counts.released_sessions.load(); });
}

}  // namespace
}  // namespace skein::runtime

#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/onnx_fixture.h"
#include "runtime/timing.h"

namespace skein::runtime {
namespace {

using std::chrono::milliseconds;

struct OneRow {
  explicit OneRow(TensorView given) : view(given) {
    batch.rows = 1;
    batch.items.push_back({std::span(&view, 1), 1});
  }
  TensorView view;
  Batch batch;
};

TEST(Timing, RunsOnEverySlotAtLeastOnce) {
  std::vector<float> values(16, 1.5F);
  OneRow row(view_of(DType::kFp32, {1, 16}, values));
  std::vector<std::unique_ptr<Executor>> executors;
  for (int i = 0; i < 3; ++i) executors.push_back(executor_of("identity_fp32", 4));
  Result<std::vector<Duration>> times = time_runs(executors, row.batch, milliseconds(0));
  ASSERT_TRUE(times.ok()) << times.status().message();
  EXPECT_GE(times->size(), 3u);
  for (Duration time : *times) EXPECT_GT(time, Duration(0));
}

TEST(Timing, TellsTheErrorOfARun) {
  std::vector<int64_t> beyond{100};
  OneRow row(view_of(DType::kInt64, {1}, beyond));
  std::vector<std::unique_ptr<Executor>> executors;
  executors.push_back(executor_of("fails_at_run", 4));
  EXPECT_FALSE(time_runs(executors, row.batch, milliseconds(1)).ok());
  EXPECT_FALSE(run_once(*executors[0], row.batch).ok());
}

TEST(Timing, RunsOnce) {
  std::vector<float> values(16, 1.5F);
  OneRow row(view_of(DType::kFp32, {1, 16}, values));
  std::unique_ptr<Executor> executor = executor_of("identity_fp32", 4);
  Result<std::vector<OutputTensor>> outputs = run_once(*executor, row.batch);
  ASSERT_TRUE(outputs.ok());
  EXPECT_EQ(values_of<float>(outputs->at(0)), values);
}

TEST(Profiling, LeavesAFileThatNamesTheNodes) {
  ExecutionSpec execution;
  execution.profile_prefix = (std::filesystem::temp_directory_path() / "skein_profile").string();
  std::shared_ptr<OnnxModel> model = try_load("identity_fp32", execution).value();
  std::vector<float> values(16, 1.5F);
  OneRow row(view_of(DType::kFp32, {1, 16}, values));
  {
    std::unique_ptr<Executor> executor = model->make_executor(spec_of(*model, 4)).value();
    ASSERT_TRUE(run_once(*executor, row.batch).ok());
  }
  Result<std::string> path = model->end_profiling();
  ASSERT_TRUE(path.ok()) << path.status().message();
  EXPECT_TRUE(path->starts_with(execution.profile_prefix));
  EXPECT_GT(std::filesystem::file_size(*path), 0u);
  std::filesystem::remove(*path);
}

}  // namespace
}  // namespace skein::runtime

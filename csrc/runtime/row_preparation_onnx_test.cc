#include <algorithm>
#include <cstring>
#include <thread>

#include "runtime/onnx_fixture.h"
#include "runtime/row_preparation.h"

namespace skein::runtime {
namespace {

// Fills each row with its value; fails where told to.
class Filling final : public RowSource {
 public:
  explicit Filling(float value, Status status = {}) : value_(value), status_(std::move(status)) {}
  Status write(size_t, int64_t first, int64_t rows, std::byte* to) const override {
    for (int64_t row = first; row < first + rows; ++row, to += 64) {
      std::vector<float> values(16, value_ + static_cast<float>(row));
      std::memcpy(to, values.data(), 64);
    }
    return status_;
  }

 private:
  float value_;
  Status status_;
};

// Does every task on a thread of its own.
class Threads final : public Crew {
 public:
  void share(size_t count, const std::function<void(size_t)>& task) override {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back(task, i);
    for (std::thread& thread : threads) thread.join();
    shared += count;
  }
  size_t shared = 0;
};

class RowPreparationTest : public testing::Test {
 protected:
  // An item of `rows` rows made by a source.
  void add(const RowSource& source, int64_t rows, int64_t rows_per_task = 0) {
    add({DType::kFp32, {rows, 16}, nullptr, static_cast<size_t>(rows) * 64}, rows);
    batch.items.back().source = &source;
    batch.items.back().rows_per_task = rows_per_task;
  }
  void add(const TensorView& view, int64_t rows) {
    views.push_back(std::make_unique<TensorView>(view));
    batch.items.push_back({{views.back().get(), 1}, rows});
    batch.rows += rows;
  }
  BatchResult run() {
    BatchResult taken;
    executor->submit(batch, [&](BatchResult& result) { taken = std::move(result); });
    return taken;
  }
  // The first value of every row that was run.
  static std::vector<float> rows_of(const BatchResult& result) {
    std::vector<float> all = values_of<float>(result.outputs.at(0));
    std::vector<float> firsts;
    for (size_t i = 0; i < all.size(); i += 16) firsts.push_back(all[i]);
    return firsts;
  }

  std::unique_ptr<Executor> executor = executor_of("identity_fp32", 64);
  std::vector<std::unique_ptr<TensorView>> views;
  Batch batch;
  const Status bad = invalid_argument("bad row");
};

TEST_F(RowPreparationTest, SourcesWriteBesideTensors) {
  std::vector<float> sent(32, 500);
  Filling ten(10), twenty(20);
  for (int repeat = 0; repeat < 2; ++repeat) {
    batch = {};
    add(ten, 2);
    add(view_of(DType::kFp32, {2, 16}, sent), 2);
    add(twenty, 1);
    BatchResult result = run();
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(rows_of(result), (std::vector<float>{10, 11, 500, 500, 20}));
    EXPECT_TRUE(result.left_out.empty());
    EXPECT_LE(result.started, result.prepared);
    EXPECT_LE(result.prepared, result.gathered);
  }
}

TEST_F(RowPreparationTest, ASingleMadeRowIsRun) {
  Filling seven(7);
  add(seven, 1);
  BatchResult result = run();
  ASSERT_TRUE(result.status.ok());
  EXPECT_EQ(rows_of(result), std::vector<float>{7});
}

TEST_F(RowPreparationTest, FailedItemsAreTakenOutAndTheOthersMoveUp) {
  std::vector<float> sent(16, 500);
  Filling ten(10), failing(0, bad), twenty(20);
  add(failing, 3);
  add(ten, 1);
  add(failing, 1);
  add(view_of(DType::kFp32, {1, 16}, sent), 1);
  add(twenty, 2, 1);
  BatchResult result = run();
  ASSERT_TRUE(result.status.ok());
  EXPECT_EQ(rows_of(result), (std::vector<float>{10, 500, 20, 21}));
  ASSERT_EQ(result.left_out.size(), 5u);
  EXPECT_EQ(result.left_out[0].message(), "bad row");
  EXPECT_TRUE(result.left_out[1].ok());
  EXPECT_EQ(result.left_out[2].code(), Code::kInvalidArgument);
  EXPECT_TRUE(result.left_out[3].ok() && result.left_out[4].ok());
}

TEST_F(RowPreparationTest, NothingIsRunWhenNothingIsLeft) {
  Filling failing(0, bad);
  add(failing, 3);
  BatchResult result = run();
  EXPECT_TRUE(result.status.ok());
  EXPECT_TRUE(result.outputs.empty());
  ASSERT_EQ(result.left_out.size(), 1u);
  EXPECT_FALSE(result.left_out[0].ok());
}

TEST_F(RowPreparationTest, SlowRowsAreSharedAsTold) {
  Threads crew;
  batch.crew = &crew;
  Filling ten(10), twenty(20), failing(0, bad);
  add(ten, 3, 2);
  add(failing, 2, 1);
  add(twenty, 2);
  BatchResult result = run();
  ASSERT_TRUE(result.status.ok());
  EXPECT_EQ(rows_of(result), (std::vector<float>{10, 11, 12, 20, 21}));
  EXPECT_EQ(crew.shared, 4u) << "two and one of the first, one by one of the next";
}

}  // namespace
}  // namespace skein::runtime

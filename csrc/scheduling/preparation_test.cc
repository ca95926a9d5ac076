// What workers do besides running batches: making inputs before a request is queued, and rows of a
// batch for another worker.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "scheduling/device.h"

namespace skein::scheduling {
namespace {

// Answers at once, leaving out what it is told to.
class PlainExecutor final : public runtime::Executor {
 public:
  void submit(const runtime::Batch& batch, const runtime::Done& done) override {
    ++batches;
    runtime::BatchResult result;
    begin(result);
    result.left_out = left_out;
    if (batch.crew != nullptr && share) batch.crew->share(2, *share);
    done(result);
  }
  std::atomic<int> batches{0};
  std::vector<Status> left_out;
  const std::function<void(size_t)>* share = nullptr;
};

class PreparedRequest final : public Request {
 public:
  PreparedRequest() { arrival = Clock::steady().now(); }
  Status prepare() override {
    thread = std::this_thread::get_id();
    if (before != nullptr) before->wait();
    if (order != nullptr) order->push_back(number);
    return prepared;
  }
  Status encode(const runtime::BatchResult&, int64_t first_row) override {
    row = first_row;
    return {};
  }
  Status outcome() { return outcome_.get(); }

  std::latch* before = nullptr;
  std::vector<int>* order = nullptr;  // to which prepare() adds the number
  int number = 0;
  Status prepared;
  std::thread::id thread;
  int64_t row = -1;

 private:
  void send_answer() override { promise_.set_value({}); }
  void send_failure(Status status) override { promise_.set_value(std::move(status)); }
  std::promise<Status> promise_;
  std::future<Status> outcome_ = promise_.get_future();
};

struct PreparationTest : testing::Test {
  PreparationTest() {
    auto owned = std::make_unique<PlainExecutor>();
    executor = owned.get();
    std::vector<std::unique_ptr<runtime::Executor>> executors;
    executors.push_back(std::move(owned));
    ModelSpec spec;
    spec.name = "test";
    spec.batching.max_batch_size = 8;
    queue = std::make_unique<Queue>(std::move(spec), std::move(executors));
  }
  void submit(const std::vector<PreparedRequest*>& requests) {
    std::vector<Device::Submission> submissions;
    for (PreparedRequest* request : requests) {
      ASSERT_TRUE(queue->admit({.now = request->arrival}).ok());
      request->begin();
      submissions.push_back({request, queue.get()});
    }
    device.submit(submissions);
  }
  void submit_unprepared(PreparedRequest& request) {
    request.unprepared = true;
    submit({&request});
  }

  PlainExecutor* executor = nullptr;
  std::unique_ptr<Queue> queue;
  Device device{"test", {.workers = 2}, Clock::steady()};
};

TEST_F(PreparationTest, AWorkerPreparesBeforeTheRequestIsQueued) {
  PreparedRequest request;
  submit_unprepared(request);
  EXPECT_TRUE(request.outcome().ok());
  EXPECT_NE(request.thread, std::this_thread::get_id());
  device.drain(*queue);
  EXPECT_EQ(executor->batches, 1);
}

TEST_F(PreparationTest, AFailedPreparationFailsItsRequestAlone) {
  PreparedRequest bad, good;
  bad.prepared = invalid_argument("no such token");
  submit_unprepared(bad);
  submit_unprepared(good);
  EXPECT_EQ(bad.outcome().code(), Code::kInvalidArgument);
  EXPECT_TRUE(good.outcome().ok());
  device.drain(*queue);
  telemetry::ModelSnapshot snapshot = queue->snapshot();
  EXPECT_EQ(snapshot.pending, 0);
  EXPECT_EQ(snapshot.success.count, 1u);
  EXPECT_EQ(snapshot.failures[static_cast<size_t>(telemetry::FailureReason::kOther)], 1u);
}

TEST_F(PreparationTest, WhoseDeadlineHasPassedIsNotPrepared) {
  PreparedRequest late;
  late.deadline = late.arrival;
  submit_unprepared(late);
  EXPECT_EQ(late.outcome().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(late.thread, std::thread::id());
  device.drain(*queue);
  auto expired = static_cast<size_t>(telemetry::Refusal::kExpired);
  EXPECT_EQ(queue->snapshot().refusals[expired], 1u);
}

TEST_F(PreparationTest, TheMostUrgentIsPreparedFirst) {
  Device one("one", {.workers = 1}, Clock::steady());
  std::latch go(1);
  std::vector<int> order;
  PreparedRequest first, relaxed, urgent;
  first.before = &go;
  relaxed.order = urgent.order = &order;
  relaxed.arrival += std::chrono::hours(1);
  urgent.deadline = relaxed.arrival;
  relaxed.number = 2;
  urgent.number = 1;
  for (PreparedRequest* request : {&first, &relaxed, &urgent}) {
    ASSERT_TRUE(queue->admit({.now = request->arrival}).ok());
    request->begin();
    request->unprepared = true;
    Device::Submission submission{request, queue.get()};
    one.submit({&submission, 1});
  }
  go.count_down();
  EXPECT_TRUE(relaxed.outcome().ok());
  EXPECT_TRUE(urgent.outcome().ok());
  one.drain(*queue);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST_F(PreparationTest, QueuedRequestsDoNotKeepOthersFromBeingPrepared) {
  Device one("one", {.workers = 1}, Clock::steady());
  std::latch began(1), go(1);
  std::vector<int> order;
  const std::function<void(size_t)> run = [&](size_t index) {
    if (index > 0) return;
    order.push_back(0);
    if (order.size() == 1) began.count_down();
    go.wait();
  };
  executor->share = &run;
  PreparedRequest running, queued, unprepared;
  unprepared.unprepared = true;
  unprepared.order = &order;
  unprepared.number = 1;
  for (PreparedRequest* request : {&running, &queued, &unprepared}) {
    ASSERT_TRUE(queue->admit({.now = request->arrival}).ok());
    request->begin();
    Device::Submission submission{request, queue.get()};
    one.submit({&submission, 1});
    if (request == &running) began.wait();
  }
  go.count_down();
  EXPECT_TRUE(running.outcome().ok());
  EXPECT_TRUE(queued.outcome().ok());
  EXPECT_TRUE(unprepared.outcome().ok());
  one.drain(*queue);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 0})) << "the second batch has both";
}

TEST_F(PreparationTest, WhatIsBeingPreparedAtTheEndIsAnsweredUnavailable) {
  std::latch stopped(1);
  PreparedRequest request, waiting, behind;
  request.before = waiting.before = &stopped;
  submit_unprepared(request);
  submit_unprepared(waiting);
  submit_unprepared(behind);  // both workers are busy
  std::thread stopping([&] { device.stop(); });
  EXPECT_EQ(behind.outcome().code(), Code::kUnavailable);  // only once the device is stopping
  stopped.count_down();
  stopping.join();
  EXPECT_EQ(request.outcome().code(), Code::kUnavailable);
  EXPECT_EQ(waiting.outcome().code(), Code::kUnavailable);
}

TEST_F(PreparationTest, WhatIsLeftOutOfTheRunFailsAloneAndTakesNoRows) {
  executor->left_out = {{}, invalid_argument("not a picture"), {}};
  PreparedRequest first, bad, last;
  submit({&first, &bad, &last});
  EXPECT_TRUE(first.outcome().ok());
  EXPECT_EQ(bad.outcome().message(), "not a picture");
  EXPECT_TRUE(last.outcome().ok());
  EXPECT_EQ(first.row, 0);
  EXPECT_EQ(last.row, 1);
  device.drain(*queue);
  EXPECT_EQ(queue->snapshot().inference_count, 2u);
}

TEST_F(PreparationTest, ABatchOfWhichNothingIsLeftCountsAsNoRun) {
  executor->left_out = {invalid_argument("not a picture")};
  PreparedRequest bad;
  submit({&bad});
  EXPECT_EQ(bad.outcome().code(), Code::kInvalidArgument);
  device.drain(*queue);
  EXPECT_EQ(queue->snapshot().execution_count, 0u);
  EXPECT_FALSE(queue->latency().known());
}

TEST_F(PreparationTest, AnIdleWorkerHelps) {
  std::latch both(2);  // neither task ends before both have begun: on two threads
  const std::function<void(size_t)> task = [&](size_t) { both.arrive_and_wait(); };
  executor->share = &task;
  PreparedRequest request;
  submit({&request});
  EXPECT_TRUE(request.outcome().ok());
  device.drain(*queue);
}

TEST_F(PreparationTest, SharedTasksAreDoneOnceEachAlsoWithoutHelp) {
  device.stop();  // nobody helps
  std::multiset<size_t> done;
  device.share(5, [&](size_t index) { done.insert(index); });
  EXPECT_EQ(done, (std::multiset<size_t>{0, 1, 2, 3, 4}));
}

TEST_F(PreparationTest, ManyThreadsShareAtOnce) {
  std::atomic<int> done{0};
  auto share = [&] { device.share(100, [&](size_t) { ++done; }); };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(share);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 400);
}

TEST_F(PreparationTest, SlowRowsAreNotPreparedOnTheSubmittingThread) {
  Device inlined("inline", {.inline_run = std::chrono::hours(1)}, Clock::steady());
  std::thread::id thread;
  const std::function<void(size_t)> task = [&](size_t) { thread = std::this_thread::get_id(); };
  executor->share = &task;
  for (bool slow : {false, false, true}) {  // the first one is slow by being unknown
    PreparedRequest request;
    request.item.rows_per_task = slow ? 1 : 0;
    ASSERT_TRUE(queue->admit({.now = request.arrival}).ok());
    request.begin();
    Device::Submission submission{&request, queue.get()};
    inlined.submit({&submission, 1});
    EXPECT_TRUE(request.outcome().ok());
    inlined.drain(*queue);
  }
  EXPECT_NE(thread, std::this_thread::get_id());
}

}  // namespace
}  // namespace skein::scheduling

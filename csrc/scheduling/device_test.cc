#include "scheduling/device.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

namespace skein::scheduling {
namespace {

// Runs when the test lets it, and remembers what it was given.
class GatedExecutor final : public runtime::Executor {
 public:
  void submit(const runtime::Batch& batch, const runtime::Done& done) override {
    rows.push_back(batch.rows);
    thread = std::this_thread::get_id();
    started.release();
    gate.acquire();
    runtime::BatchResult result;
    begin(result);
    result.status = outcome;
    result.left_out = left_out;
    done(result);
  }

  std::counting_semaphore<> started{0};
  std::counting_semaphore<> gate{0};
  std::vector<int64_t> rows;
  std::thread::id thread;  // of the last batch
  Status outcome;
  std::vector<Status> left_out;
};

class TestRequest final : public Request {
 public:
  explicit TestRequest(int64_t rows = 1) {
    item.rows = rows;
    arrival = Clock::steady().now();
  }
  Status encode(const runtime::BatchResult&, int64_t first_row) override {
    row = first_row;
    return encode_status;
  }
  Code wait() { return outcome_.get(); }
  bool done() const { return outcome_.wait_for(Duration(0)) == std::future_status::ready; }

  int64_t row = -1;
  Status encode_status;

 private:
  void send_answer() override { promise_.set_value(Code::kOk); }
  void send_failure(Status status) override { promise_.set_value(status.code()); }
  std::promise<Code> promise_;
  std::future<Code> outcome_ = promise_.get_future();
};

ModelSpec spec(int64_t max_batch, int64_t max_queue = 8) {
  ModelSpec spec;
  spec.name = "test";
  spec.batching.max_batch_size = max_batch;
  spec.max_queue_size = max_queue;
  return spec;
}

// The steady clock, plus what a test lets pass.
class ForwardClock final : public Clock {
 public:
  TimePoint now() const override { return Clock::steady().now() + Duration(ahead_.load()); }
  void pass(Duration time) { ahead_ += time.count(); }

 private:
  std::atomic<int64_t> ahead_{0};
};

class DeviceTest : public testing::Test {
 protected:
  void make_queue(ModelSpec model) {
    auto owned = std::make_unique<GatedExecutor>();
    executor = owned.get();
    std::vector<std::unique_ptr<runtime::Executor>> executors;
    executors.push_back(std::move(owned));
    queue = std::make_unique<Queue>(std::move(model), std::move(executors));
  }
  void submit(TestRequest& request) {
    ASSERT_TRUE(queue->admit({.level = request.level, .now = request.arrival}).ok());
    request.begin();
    Device::Submission submission{&request, queue.get()};
    device.submit({&submission, 1});
  }
  static void submit_to(Device& to, TestRequest& request, Queue& its) {
    ASSERT_TRUE(its.admit({.level = request.level, .now = request.arrival}).ok());
    request.begin();
    Device::Submission submission{&request, &its};
    to.submit({&submission, 1});
  }
  // Occupies the only slot until the gate is opened.
  void occupy(TestRequest& request) {
    submit(request);
    executor->started.acquire();
  }

  GatedExecutor* executor = nullptr;
  std::unique_ptr<Queue> queue;
  Device device{"test", {.workers = 2}, Clock::steady()};
};

TEST_F(DeviceTest, BatchesWhatWaitedAndTellsEachItsRow) {
  make_queue(spec(8));
  TestRequest first, second(3), third(2);
  occupy(first);
  submit(second);
  submit(third);
  executor->gate.release(2);
  EXPECT_EQ(first.wait(), Code::kOk);
  EXPECT_EQ(second.wait(), Code::kOk);
  EXPECT_EQ(third.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(executor->rows, (std::vector<int64_t>{1, 5}));
  EXPECT_EQ(second.row, 0);
  EXPECT_EQ(third.row, 3);
  telemetry::ModelSnapshot stats = queue->snapshot();
  EXPECT_EQ(stats.inference_count, 6u);
  EXPECT_EQ(stats.execution_count, 2u);
  EXPECT_EQ(stats.success.count, 3u);
  EXPECT_EQ(stats.pending, 0);
}

TEST_F(DeviceTest, RefusesBeyondTheQueueLimitNamingIt) {
  make_queue(spec(1, 2));
  TestRequest running, a, b;
  occupy(running);
  submit(a);
  submit(b);
  Status full = queue->admit({.now = Clock::steady().now()}).status();
  EXPECT_EQ(full.code(), Code::kResourceExhausted);
  EXPECT_NE(full.message().find("'test'"), std::string::npos);
  EXPECT_NE(full.message().find("2 requests"), std::string::npos);
  EXPECT_GT(full.retry_after(), Duration(0));
  executor->gate.release(3);
  EXPECT_EQ(b.wait(), Code::kOk);
  EXPECT_EQ(a.wait(), Code::kOk);
  EXPECT_EQ(running.wait(), Code::kOk);
}

TEST_F(DeviceTest, AFailedRunFailsItsBatchOnly) {
  make_queue(spec(8));
  TestRequest first, second;
  executor->outcome = internal("node 'x' failed");
  occupy(first);
  executor->gate.release();
  EXPECT_EQ(first.wait(), Code::kInternal);
  device.drain(*queue);
  executor->outcome = {};
  executor->gate.release();
  submit(second);
  EXPECT_EQ(second.wait(), Code::kOk);
}

TEST_F(DeviceTest, AnEncodingErrorFailsOneRequestOfTheBatch) {
  make_queue(spec(8));
  TestRequest first, bad, good;
  bad.encode_status = internal("cannot encode");
  occupy(first);
  submit(bad);
  submit(good);
  executor->gate.release(2);
  EXPECT_EQ(bad.wait(), Code::kInternal);
  EXPECT_EQ(good.wait(), Code::kOk);
}

TEST_F(DeviceTest, WithdrawnRequestsAreNotRun) {
  make_queue(spec(8));
  TestRequest running, withdrawn;
  occupy(running);
  submit(withdrawn);
  EXPECT_TRUE(device.withdraw(withdrawn, telemetry::FailureReason::kCanceled));
  EXPECT_FALSE(device.withdraw(withdrawn, telemetry::FailureReason::kCanceled));
  EXPECT_FALSE(device.withdraw(running, telemetry::FailureReason::kCanceled));
  withdrawn.fail({Code::kCancelled, "test"});
  executor->gate.release();
  EXPECT_EQ(running.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(executor->rows.size(), 1u);
  EXPECT_EQ(queue->snapshot().failures[1], 1u);  // CANCELED
}

TEST_F(DeviceTest, ExpiredRequestsAreAnsweredNotRun) {
  make_queue(spec(8));
  TestRequest running, expired, alive;
  occupy(running);
  expired.deadline = Clock::steady().now();
  submit(expired);
  submit(alive);
  executor->gate.release(2);
  EXPECT_EQ(expired.wait(), Code::kDeadlineExceeded);
  EXPECT_EQ(alive.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(executor->rows, (std::vector<int64_t>{1, 1}));
}

TEST_F(DeviceTest, OnlyEqualShapesShareABatchEvenIfTheirKeysCollide) {
  make_queue(spec(8));
  TensorView narrow{.shape = {1, 2}}, wide{.shape = {1, 3}};
  TestRequest running, a, b, c;
  occupy(running);
  a.item.inputs = b.item.inputs = {&narrow, 1};
  c.item.inputs = {&wide, 1};
  a.key = b.key = c.key = 42;
  submit(a);
  submit(c);
  submit(b);
  executor->gate.release(3);
  EXPECT_EQ(a.wait(), Code::kOk);
  EXPECT_EQ(b.wait(), Code::kOk);
  EXPECT_EQ(c.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(executor->rows, (std::vector<int64_t>{1, 2, 1}));
}

TEST_F(DeviceTest, CollidingKeysAtTheEndOfTheirRangeStayApartToo) {
  make_queue(spec(8));
  TensorView views[] = {{.shape = {1, 2}}, {.shape = {1, 3}}, {.shape = {1, 4}}};
  TestRequest running, waiting[3];
  occupy(running);
  for (size_t i = 0; i < 3; ++i) {
    waiting[i].item.inputs = {&views[i], 1};
    waiting[i].key = ~QueueKey{0};
    submit(waiting[i]);
  }
  executor->gate.release(4);
  for (TestRequest& request : waiting) EXPECT_EQ(request.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(executor->rows, (std::vector<int64_t>{1, 1, 1, 1}));
}

TEST_F(DeviceTest, StopAnswersWhatStillWaits) {
  make_queue(spec(1));
  TestRequest running, waiting, late;
  occupy(running);
  submit(waiting);
  auto stopped = std::async(std::launch::async, [&] { device.stop(); });
  EXPECT_EQ(waiting.wait(), Code::kUnavailable);
  executor->gate.release();
  EXPECT_EQ(running.wait(), Code::kOk);
  stopped.wait();
  submit(late);
  EXPECT_EQ(late.wait(), Code::kUnavailable);
}

TEST_F(DeviceTest, ASlowModelDoesNotBlockAnotherWhileAWorkerIsFree) {
  make_queue(spec(1));
  TestRequest slow;
  occupy(slow);
  GatedExecutor* slow_executor = executor;
  std::unique_ptr<Queue> slow_queue = std::move(queue);
  make_queue(spec(1));
  TestRequest quick;
  executor->gate.release();
  submit(quick);
  EXPECT_EQ(quick.wait(), Code::kOk);
  slow_executor->gate.release();
  EXPECT_EQ(slow.wait(), Code::kOk);
  device.drain(*slow_queue);
  device.drain(*queue);
}

TEST_F(DeviceTest, ABatchThatTakesLongerThanPredictedHoldsNobodyUp) {
  auto spare = std::make_unique<GatedExecutor>();
  auto used = std::make_unique<GatedExecutor>();  // the slot given back last is taken first
  GatedExecutor& spare_gate = *spare;
  GatedExecutor& used_gate = *used;
  std::vector<std::unique_ptr<runtime::Executor>> executors;
  executors.push_back(std::move(spare));
  executors.push_back(std::move(used));
  queue = std::make_unique<Queue>(spec(8), std::move(executors));
  for (int i = 0; i < 50; ++i) {  // short ones, so that the next is expected to be short too
    TestRequest quick;
    used_gate.gate.release();
    submit(quick);
    used_gate.started.acquire();
    EXPECT_EQ(quick.wait(), Code::kOk);
    device.drain(*queue);
  }
  TestRequest stuck, next;
  submit(stuck);
  used_gate.started.acquire();
  spare_gate.gate.release();
  submit(next);
  EXPECT_EQ(next.wait(), Code::kOk);
  used_gate.gate.release();
  EXPECT_EQ(stuck.wait(), Code::kOk);
  device.drain(*queue);
}

TEST_F(DeviceTest, TheEarliestDeadlineRunsFirst) {
  make_queue(spec(1));
  TestRequest running, none, late, soon;
  TimePoint now = Clock::steady().now();
  occupy(running);
  late.deadline = now + std::chrono::hours(2);
  soon.deadline = now + std::chrono::milliseconds(900);
  for (TestRequest* request : {&none, &late, &soon}) submit(*request);
  executor->gate.release();
  EXPECT_EQ(running.wait(), Code::kOk);
  for (TestRequest* next : {&soon, &none, &late}) {
    executor->started.acquire();
    executor->gate.release();
    EXPECT_EQ(next->wait(), Code::kOk);
    if (next != &late) {
      EXPECT_FALSE(late.done());
    }
  }
  device.drain(*queue);
}

TEST_F(DeviceTest, AHigherPriorityRunsFirstWhateverTheDeadlines) {
  ModelSpec model = spec(1);
  model.priority = {.levels = 2, .default_level = 2};
  make_queue(model);
  EXPECT_EQ(*queue->level_of(0), 1);
  EXPECT_EQ(*queue->level_of(1), 0);
  EXPECT_EQ(queue->level_of(3).status().code(), Code::kInvalidArgument);
  TestRequest running, low, high;
  occupy(running);
  low.level = 1;
  low.deadline = Clock::steady().now() + std::chrono::seconds(10);
  submit(low);
  submit(high);
  executor->gate.release(2);
  EXPECT_EQ(high.wait(), Code::kOk);
  executor->gate.release();
  EXPECT_EQ(low.wait(), Code::kOk);
  EXPECT_EQ(running.wait(), Code::kOk);
  device.drain(*queue);
}

TEST_F(DeviceTest, AnImmediateRequestIsNotHeldBackForCompany) {
  ModelSpec model = spec(8);
  model.batching.max_queue_delay = std::chrono::hours(1);
  make_queue(model);
  TestRequest request;
  request.immediate = true;
  executor->gate.release();
  submit(request);
  EXPECT_EQ(request.wait(), Code::kOk);
  device.drain(*queue);
}

TEST_F(DeviceTest, ALevelHasItsOwnBound) {
  ModelSpec model = spec(1);
  model.priority = {.levels = 2, .default_level = 1, .policies = {{}, {.max_size = 1}}};
  make_queue(model);
  TestRequest running, low, high;
  occupy(running);
  low.level = 1;
  submit(low);
  Status full = queue->admit({.level = 1, .now = Clock::steady().now()}).status();
  EXPECT_EQ(full.code(), Code::kResourceExhausted);
  EXPECT_NE(full.message().find("priority level 2"), std::string::npos) << full.message();
  submit(high);
  executor->gate.release(3);
  for (TestRequest* request : {&running, &low, &high}) EXPECT_EQ(request->wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(queue->snapshot().refusals[0], 1u);  // queue full
}

TEST_F(DeviceTest, ATimeoutOfTheQueueRefusesOrDelays) {
  for (bool delays : {false, true}) {
    ModelSpec model = spec(1);
    model.priority.policies = {{.timeout = std::chrono::milliseconds(1), .delays = delays}};
    make_queue(model);
    TestRequest running, waits_too_long, patient;
    occupy(running);
    waits_too_long.queue_until = Clock::steady().now();
    submit(waits_too_long);
    submit(patient);
    executor->gate.release(2);
    EXPECT_EQ(patient.wait(), Code::kOk);
    executor->gate.release();
    EXPECT_EQ(waits_too_long.wait(), delays ? Code::kOk : Code::kDeadlineExceeded);
    EXPECT_EQ(running.wait(), Code::kOk);
    device.drain(*queue);
  }
}

// A model of 20 ms per run, on a clock of the test's own.
class AdmissionTest : public DeviceTest {
 protected:
  AdmissionTest() {
    make_queue(spec(1));
    TestRequest first;
    submit_to(timed, first, *queue);
    executor->started.acquire();
    forward.pass(std::chrono::milliseconds(20));
    executor->gate.release();
    EXPECT_EQ(first.wait(), Code::kOk);
    timed.drain(*queue);
    run = queue->latency().median(1);
  }
  Result<Place> admit(Duration left) {
    TimePoint now = forward.now();
    return queue->admit({.deadline = now + left, .now = now});
  }

  ForwardClock forward;
  Device timed{"timed", {.workers = 1}, forward};
  Duration run{0};
};

TEST_F(AdmissionTest, RefusesWhatWouldBeLateAndSaysWhenToRetry) {
  TestRequest running, waiting;
  submit_to(timed, running, *queue);
  executor->started.acquire();
  submit_to(timed, waiting, *queue);
  Status late = admit(run + run / 10).status();
  EXPECT_EQ(late.code(), Code::kResourceExhausted) << late.message();
  EXPECT_GT(late.retry_after(), Duration(0));
  Result<Place> in_time = admit(std::chrono::hours(1));
  ASSERT_TRUE(in_time.ok());
  EXPECT_GE(in_time->predicted_wait, run);
  queue->give_back(0);
  executor->gate.release(2);
  EXPECT_EQ(running.wait(), Code::kOk);
  EXPECT_EQ(waiting.wait(), Code::kOk);
  timed.drain(*queue);
}

TEST_F(AdmissionTest, ADeadlineShorterThanOneRunIsHopelessEvenWhenIdle) {
  Status hopeless = admit(run / 2).status();
  EXPECT_EQ(hopeless.code(), Code::kDeadlineExceeded) << hopeless.message();
  EXPECT_EQ(hopeless.retry_after(), Duration(0));
}

TEST_F(AdmissionTest, AWrongMeasurementIsPutToTheTestOnceASecond) {
  forward.pass(std::chrono::seconds(2));
  Result<Place> probe = admit(run / 2);
  ASSERT_TRUE(probe.ok());
  EXPECT_TRUE(probe->probe);
  queue->give_back(0);
  EXPECT_FALSE(admit(run / 2).ok());
  EXPECT_FALSE(admit(Duration(0)).ok()) << "its deadline has passed";
}

TEST_F(DeviceTest, OrderedAnswersLeaveInTheOrderOfArrival) {
  ModelSpec model = spec(1);
  model.preserve_ordering = true;
  auto slow = std::make_unique<GatedExecutor>();
  auto quick = std::make_unique<GatedExecutor>();  // the last slot is leased first
  GatedExecutor& second_gate = *slow;
  GatedExecutor& first_gate = *quick;
  std::vector<std::unique_ptr<runtime::Executor>> executors;
  executors.push_back(std::move(slow));
  executors.push_back(std::move(quick));
  queue = std::make_unique<Queue>(std::move(model), std::move(executors));
  TestRequest first, second, cancelled, third;
  submit(first);
  first_gate.started.acquire();
  submit(second);
  second_gate.started.acquire();
  submit(cancelled);
  submit(third);
  EXPECT_TRUE(device.withdraw(cancelled, telemetry::FailureReason::kCanceled));
  cancelled.fail({Code::kCancelled, "test"});
  second_gate.gate.release();     // second is done, but first is not
  second_gate.started.acquire();  // third runs
  EXPECT_FALSE(second.done());
  second_gate.gate.release();
  first_gate.gate.release();
  EXPECT_EQ(third.wait(), Code::kOk);
  EXPECT_TRUE(first.done());
  EXPECT_TRUE(second.done());
  device.drain(*queue);
}

TEST_F(DeviceTest, ShortBatchesRunOnTheSubmittingThread) {
  Device inlined("inline", {.inline_run = std::chrono::hours(1)}, Clock::steady());
  make_queue(spec(8));
  auto run = [&](TestRequest& request) {
    executor->gate.release();
    EXPECT_TRUE(queue->admit({.now = request.arrival}).ok());
    request.begin();
    Device::Submission submission{&request, queue.get()};
    inlined.submit({&submission, 1});
  };
  TestRequest unknown, known;
  run(unknown);  // by a worker: nothing is known yet
  EXPECT_EQ(unknown.wait(), Code::kOk);
  inlined.drain(*queue);
  run(known);
  EXPECT_EQ(executor->thread, std::this_thread::get_id());
  EXPECT_EQ(known.wait(), Code::kOk);
  inlined.drain(*queue);
}

TEST_F(DeviceTest, AModelThatWasServedLessRunsFirst) {
  ForwardClock forward;
  Device one("one", {.workers = 1}, forward);
  make_queue(spec(1));
  std::unique_ptr<Queue> heavy = std::move(queue);
  GatedExecutor& heavy_gate = *executor;
  make_queue(spec(1));
  TestRequest flood[3], light[3];
  for (TestRequest& request : flood) submit_to(one, request, *heavy);
  heavy_gate.started.acquire();  // the first of the flood runs
  for (TestRequest& request : light) submit_to(one, request, *queue);
  executor->gate.release(3);
  forward.pass(std::chrono::minutes(10));  // of execution time for the heavy one
  heavy_gate.gate.release();
  for (TestRequest& request : light) EXPECT_EQ(request.wait(), Code::kOk);
  heavy_gate.gate.release(2);
  for (TestRequest& request : flood) EXPECT_EQ(request.wait(), Code::kOk);
  one.drain(*queue);
  one.drain(*heavy);
}

// A queue over several slots, on a device of its own.
struct SlotsTest : testing::Test {
  void make(int slots, const DeviceOptions& options) {
    std::vector<std::unique_ptr<runtime::Executor>> owned;
    for (int i = 0; i < slots; ++i) {
      auto made = std::make_unique<GatedExecutor>();
      executors.push_back(made.get());
      owned.push_back(std::move(made));
    }
    queue = std::make_unique<Queue>(spec(1), std::move(owned));
    device = std::make_unique<Device>("slots", options, Clock::steady());
  }
  void submit(TestRequest& request) {
    ASSERT_TRUE(queue->admit({.now = request.arrival}).ok());
    request.begin();
    Device::Submission submission{&request, queue.get()};
    device->submit({&submission, 1});
  }

  std::vector<GatedExecutor*> executors;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<Device> device;
};

TEST_F(SlotsTest, RotatingSlotsTakeTurns) {
  make(3, {.workers = 2, .rotates_slots = true});
  for (GatedExecutor* executor : executors) executor->gate.release(2);
  for (int i = 0; i < 6; ++i) {
    TestRequest request;
    submit(request);
    EXPECT_EQ(request.wait(), Code::kOk);
    device->drain(*queue);
  }
  for (GatedExecutor* executor : executors) EXPECT_EQ(executor->rows.size(), 2u);
}

TEST_F(SlotsTest, AddedWorkersRunMoreBatchesAtOnce) {
  make(3, {.workers = 1, .rotates_slots = true});
  device->add_workers(3);
  device->add_workers(2);
  std::array<TestRequest, 3> requests;
  for (TestRequest& request : requests) submit(request);
  for (GatedExecutor* executor : executors) executor->started.acquire();
  for (GatedExecutor* executor : executors) executor->gate.release();
  for (TestRequest& request : requests) EXPECT_EQ(request.wait(), Code::kOk);
  device->drain(*queue);
  device->stop();
  device->add_workers(4);
}

TEST_F(DeviceTest, ResetStatisticsCountFromZero) {
  make_queue(spec(8));
  TestRequest warm_up, request;
  executor->gate.release(2);
  submit(warm_up);
  EXPECT_EQ(warm_up.wait(), Code::kOk);
  device.drain(*queue);
  queue->reset_statistics();
  EXPECT_EQ(queue->snapshot().success.count, 0u);
  submit(request);
  EXPECT_EQ(request.wait(), Code::kOk);
  device.drain(*queue);
  EXPECT_EQ(queue->snapshot().success.count, 1u);
}

TEST(Requests, DestroyedUnansweredAreCounted) {
  uint64_t before = Request::dropped();
  {
    TestRequest forgotten;
    forgotten.begin();
  }
  EXPECT_EQ(Request::dropped(), before + 1);
}

}  // namespace
}  // namespace skein::scheduling

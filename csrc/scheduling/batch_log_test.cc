#include "scheduling/batch_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace skein::scheduling {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kQueued{};  // when a request was queued that no queue has seen

class NamedRequest final : public Request {
 public:
  explicit NamedRequest(bool named = true) : named_(named) { arrival = kQueued - milliseconds(1); }
  Status encode(const runtime::BatchResult&, int64_t) override { return {}; }
  bool describe(telemetry::RequestRecord& record) const override {
    record.id.assign("r1");
    return named_;
  }

 private:
  void send_answer() override {}
  void send_failure(Status) override {}
  bool named_;
};

class BatchLogTest : public testing::Test {
 protected:
  BatchLogTest() {
    spec.name = "digits";
    spec.version = 3;
    slot.batch.rows = 8;
    slot.formed = kQueued + milliseconds(20);
    slot.predicted = milliseconds(40);
    slot.why = telemetry::Release::kFull;
    result.started = slot.formed;
    result.prepared = slot.formed;
    result.gathered = kQueued + milliseconds(21);
    result.finished = kQueued + milliseconds(51);
  }
  std::vector<telemetry::RequestRecord> keep(const Request& request, Code code,
                                             Duration slow = milliseconds(55)) {
    telemetry::RequestLog log({.slow = slow});
    BatchLog(&log, spec, slot, result, kQueued + milliseconds(54)).add(request, code);
    return log.take();
  }

  ModelSpec spec;
  Slot slot;
  runtime::BatchResult result;
  NamedRequest request;
};

TEST_F(BatchLogTest, KeepsBatchAndPhasesSinceArrival) {
  slot.requests = {&request, nullptr};  // the other one has failed
  std::vector<telemetry::RequestRecord> records = keep(request, Code::kInternal);
  ASSERT_EQ(records.size(), 1u);
  const telemetry::RequestRecord& record = records[0];
  EXPECT_EQ(record.model.view(), "digits");
  EXPECT_EQ(record.version, 3);
  EXPECT_EQ(record.id.view(), "r1");
  EXPECT_EQ(record.code, Code::kInternal);
  EXPECT_EQ(record.batch_rows, 8);
  EXPECT_EQ(record.batch_requests, 2);
  EXPECT_EQ(record.release, telemetry::Release::kFull);
  EXPECT_EQ(record.predicted, milliseconds(40));
  EXPECT_EQ(record.phases.queued, milliseconds(1));
  EXPECT_EQ(record.phases.formed, milliseconds(21));
  EXPECT_EQ(record.phases.prepared, milliseconds(21)) << "nothing was";
  EXPECT_EQ(record.phases.gathered, milliseconds(22));
  EXPECT_EQ(record.phases.finished, milliseconds(52));
  EXPECT_EQ(record.phases.answered, milliseconds(55));
}

TEST_F(BatchLogTest, TellsWhatWasPreparedBeforeAndInTheBatch) {
  slot.requests = {&request};
  result.prepared = slot.formed + std::chrono::microseconds(400);
  request.preparation = std::chrono::microseconds(70);
  std::vector<telemetry::RequestRecord> records = keep(request, Code::kOk);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].phases.prepared, milliseconds(21) + std::chrono::microseconds(400));
  EXPECT_EQ(records[0].preparation, std::chrono::microseconds(70));
}

TEST_F(BatchLogTest, LeavesOutTheQuickAndThoseOfNobody) {
  EXPECT_TRUE(keep(request, Code::kOk, milliseconds(56)).empty());
  EXPECT_TRUE(keep(NamedRequest(false), Code::kOk).empty());
}

TEST_F(BatchLogTest, WithoutALogNothingIsKept) {
  BatchLog(nullptr, spec, slot, result, kNever).add(request, Code::kOk);
}

}  // namespace
}  // namespace skein::scheduling

#include "load/arrivals.h"

#include <gtest/gtest.h>

#include <vector>

namespace skein::load {
namespace {

const TimePoint kStart{std::chrono::seconds(5)};
const std::vector<TraceRow> kTrace = {{0, 0, 0}, {10, 7, 1}, {10, 0, 0}, {30, 9, 2}};

std::vector<size_t> rows_of(ArrivalSequence arrivals) {
  std::vector<size_t> rows;
  while (arrivals.next() != kNever) rows.push_back(arrivals.take().row);
  return rows;
}

TEST(ArrivalSequence, GivesEachRowAtItsTimeWithItsDeadlineAndBody) {
  ArrivalSequence arrivals(kTrace, 0, 1, kStart, kNever);
  for (size_t i = 0; i < kTrace.size(); ++i) {
    TimePoint due = kStart + Duration(kTrace[i].offset_ns);
    EXPECT_EQ(arrivals.next(), due);
    Arrival arrival = arrivals.take();
    EXPECT_EQ(arrival.start, due);
    EXPECT_EQ(arrival.deadline_us, kTrace[i].deadline_us);
    EXPECT_EQ(arrival.body, kTrace[i].body);
    EXPECT_EQ(arrival.row, i);
  }
  EXPECT_EQ(arrivals.next(), kNever);
}

TEST(ArrivalSequence, ThreadsShareTheRowsInTurn) {
  EXPECT_EQ(rows_of({kTrace, 0, 3, kStart, kNever}), (std::vector<size_t>{0, 3}));
  EXPECT_EQ(rows_of({kTrace, 1, 3, kStart, kNever}), (std::vector<size_t>{1}));
  EXPECT_EQ(rows_of({kTrace, 4, 5, kStart, kNever}), (std::vector<size_t>{}));
}

TEST(ArrivalSequence, EndsBeforeWhatIsDueAtTheEnd) {
  EXPECT_EQ(rows_of({kTrace, 0, 1, kStart, kStart + Duration(30)}), (std::vector<size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace skein::load

#include "scheduling/backlog.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace skein::scheduling {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kStart = TimePoint{} + std::chrono::hours(1);

TEST(Backlog, CountsWhatIsDueBefore) {
  Backlog backlog;
  backlog.add(kStart + milliseconds(50), 2, kStart);
  backlog.add(kStart + milliseconds(200), 3, kStart);
  backlog.add(kNever, 5, kStart);
  EXPECT_EQ(backlog.rows(), 10);
  EXPECT_EQ(backlog.rows_before(kStart + milliseconds(20)), 0);
  EXPECT_EQ(backlog.rows_before(kStart + milliseconds(100)), 2);
  EXPECT_EQ(backlog.rows_before(kStart + milliseconds(300)), 5);
  EXPECT_EQ(backlog.rows_before(kNever), 10);
}

TEST(Backlog, OverdueRowsComeFirst) {
  Backlog backlog;
  TimePoint due = kStart + milliseconds(50);
  Backlog::Place place = backlog.add(due, 2, kStart);
  TimePoint later = kStart + std::chrono::seconds(20);
  Backlog::Place second = backlog.add(later, 1, later);
  EXPECT_EQ(backlog.rows_before(later - milliseconds(10)), 2);
  backlog.remove(due, place, 2);
  EXPECT_EQ(backlog.rows_before(later + milliseconds(10)), 1);
  backlog.remove(later, second, 1);
  EXPECT_EQ(backlog.rows_before(kNever), 0);
}

TEST(Backlog, IsEmptyOnceAllHaveLeftInWhateverOrder) {
  std::mt19937_64 random(3);
  Backlog backlog;
  struct Entry {
    TimePoint due;
    Backlog::Place place;
    int64_t rows;
  };
  std::vector<Entry> waiting;
  TimePoint now = kStart;
  for (int step = 0; step < 20000; ++step) {
    now += milliseconds(random() % 7);
    if (random() % 2 == 0 || waiting.empty()) {
      TimePoint due = random() % 5 == 0 ? kNever : now + milliseconds(random() % 3000);
      auto rows = static_cast<int64_t>(1 + random() % 4);
      waiting.push_back({due, backlog.add(due, rows, now), rows});
    } else {
      std::swap(waiting[random() % waiting.size()], waiting.back());
      backlog.remove(waiting.back().due, waiting.back().place, waiting.back().rows);
      waiting.pop_back();
    }
    ASSERT_GE(backlog.rows_before(now + milliseconds(500)), 0);
  }
  for (const Entry& entry : waiting) backlog.remove(entry.due, entry.place, entry.rows);
  EXPECT_EQ(backlog.rows(), 0);
  EXPECT_EQ(backlog.rows_before(now + milliseconds(500)), 0);
}

}  // namespace
}  // namespace skein::scheduling

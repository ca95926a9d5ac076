#include "transport/timers.h"

#include <gtest/gtest.h>

#include <random>

namespace skein::transport {
namespace {

TimePoint at(int64_t nanoseconds) { return TimePoint(Duration(nanoseconds)); }

struct Recorder final : Timer {
  explicit Recorder(std::vector<int64_t>& log) : log_(log) {}
  void on_timer(TimePoint) override { log_.push_back(due().time_since_epoch().count()); }
  std::vector<int64_t>& log_;
};

TEST(Timers, fire_in_order_and_only_when_due) {
  std::vector<int64_t> fired;
  TimerHeap heap;
  std::vector<std::unique_ptr<Recorder>> timers;
  for (int64_t due : {50, 10, 40, 20, 30}) {
    timers.push_back(std::make_unique<Recorder>(fired));
    heap.arm(*timers.back(), at(due));
  }
  EXPECT_EQ(heap.next(), at(10));
  heap.fire(at(30));
  EXPECT_EQ(fired, (std::vector<int64_t>{10, 20, 30}));
  EXPECT_EQ(heap.next(), at(40));
  EXPECT_FALSE(timers[1]->armed());
}

TEST(Timers, disarmed_and_moved_ones_do_not_fire) {
  std::vector<int64_t> fired;
  TimerHeap heap;
  Recorder a(fired), b(fired), c(fired);
  heap.arm(a, at(1));
  heap.arm(b, at(2));
  heap.arm(c, at(3));
  heap.disarm(a);
  heap.disarm(a);
  heap.arm(b, at(9));
  heap.fire(at(5));
  EXPECT_EQ(fired, (std::vector<int64_t>{3}));
  heap.arm(b, kNever);
  EXPECT_EQ(heap.next(), kNever);
}

TEST(Timers, random_arming_and_disarming_keeps_the_order) {
  std::mt19937 random(7);
  std::vector<int64_t> fired;
  TimerHeap heap;
  std::vector<std::unique_ptr<Recorder>> timers;
  for (int i = 0; i < 500; ++i) timers.push_back(std::make_unique<Recorder>(fired));
  for (int i = 0; i < 5000; ++i) {
    Recorder& timer = *timers[random() % timers.size()];
    if (random() % 3 == 0) {
      heap.disarm(timer);
    } else {
      heap.arm(timer, at(random() % 10000));
    }
  }
  size_t armed = heap.size();
  heap.fire(at(10000));
  EXPECT_EQ(fired.size(), armed);
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

}  // namespace
}  // namespace skein::transport

#include "transport/outbox.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>
#include <vector>

namespace skein::transport {
namespace {

struct Item final : OutboxItem {
  Item(std::vector<int>& log, int value) : log_(log), value_(value) {}
  void deliver() override { log_.push_back(value_); }
  std::vector<int>& log_;
  int value_;
};

TEST(Outbox, delivers_in_the_order_of_pushing) {
  std::vector<int> log;
  Item a(log, 1), b(log, 2), c(log, 3);
  Outbox outbox;
  outbox.push(&a);
  outbox.push(&b);
  outbox.push(&c);
  EXPECT_TRUE(outbox.deliver_all());
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(outbox.deliver_all());
}

TEST(Outbox, asks_for_a_wake_up_only_when_the_owner_sleeps) {
  std::vector<int> log;
  Item a(log, 1), b(log, 2), c(log, 3);
  Outbox outbox;
  EXPECT_FALSE(outbox.push(&a));
  EXPECT_FALSE(outbox.prepare_sleep());
  outbox.deliver_all();
  EXPECT_TRUE(outbox.prepare_sleep());
  EXPECT_TRUE(outbox.push(&b));
  EXPECT_FALSE(outbox.push(&c)) << "one wake-up is enough";
  outbox.awake();
  outbox.deliver_all();
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
}

TEST(Outbox, loses_nothing_between_many_threads_and_a_sleeper) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  std::vector<int> log;
  std::vector<std::unique_ptr<Item>> items;
  for (int i = 0; i < kThreads * kEach; ++i) items.push_back(std::make_unique<Item>(log, i));
  Outbox outbox;
  std::counting_semaphore<> wake(0);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        if (outbox.push(items[t * kEach + i].get())) wake.release();
      }
    });
  }
  while (log.size() < items.size()) {
    if (outbox.prepare_sleep()) wake.acquire();
    outbox.awake();
    outbox.deliver_all();
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> last(kThreads, -1);
  for (int value : log) {
    EXPECT_LT(last[value / kEach], value);
    last[value / kEach] = value;
  }
}

}  // namespace
}  // namespace skein::transport

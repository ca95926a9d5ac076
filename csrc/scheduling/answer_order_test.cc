#include "scheduling/answer_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace skein::scheduling {
namespace {

// Writes its number down when it is answered, as "-number" when it fails.
class Numbered final : public Request {
 public:
  Numbered(int number, std::vector<int>& log) : number_(number), log_(log) {}
  Status encode(const runtime::BatchResult&, int64_t) override { return {}; }

 private:
  void send_answer() override { log_.push_back(number_); }
  void send_failure(Status) override { log_.push_back(-number_); }
  int number_;
  std::vector<int>& log_;
};

class AnswerOrderTest : public testing::Test {
 protected:
  void expect(int count) {
    for (int i = 1; i <= count; ++i) {
      requests.push_back(std::make_unique<Numbered>(i, log));
      order.expect(*requests.back());
    }
  }
  Request& request(int number) { return *requests[static_cast<size_t>(number - 1)]; }

  std::vector<int> log;
  std::vector<std::unique_ptr<Numbered>> requests;
  AnswerOrder order;
};

TEST_F(AnswerOrderTest, HoldsBackUntilTheTurnComes) {
  expect(4);
  order.complete(request(3), {});
  order.complete(request(2), internal("test"));
  EXPECT_TRUE(log.empty());
  order.complete(request(1), {});
  EXPECT_EQ(log, (std::vector<int>{1, -2, 3}));
  order.complete(request(4), {});
  EXPECT_EQ(log.back(), 4);
}

TEST_F(AnswerOrderTest, ASkippedTurnHoldsNobodyUp) {
  expect(3);
  order.complete(request(3), {});
  order.skip(request(2));
  order.skip(request(1));
  EXPECT_EQ(log, std::vector<int>{3});
}

TEST_F(AnswerOrderTest, KeepsTheOrderWhicheverThreadIsFirst) {
  constexpr int kCount = 2000;
  expect(kCount);
  std::vector<int> shuffled(kCount);
  std::iota(shuffled.begin(), shuffled.end(), 1);
  std::ranges::shuffle(shuffled, std::mt19937(5));
  std::vector<std::thread> threads;
  for (int part = 0; part < 4; ++part) {
    threads.emplace_back([&, part] {
      for (int i = part; i < kCount; i += 4) {
        order.complete(request(shuffled[static_cast<size_t>(i)]), {});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log.size(), static_cast<size_t>(kCount));
  EXPECT_TRUE(std::ranges::is_sorted(log));
}

}  // namespace
}  // namespace skein::scheduling

#include "load/arrivals.h"

#include <gtest/gtest.h>

namespace skein::load {
namespace {

TEST(ArrivalSequence, ConstantArrivalsAreEvenlySpaced) {
  TimePoint start{};
  ArrivalSequence arrivals(Arrivals::kConstant, 1000, 1, start);
  for (int i = 1; i <= 5; ++i, arrivals.step()) {
    EXPECT_EQ(arrivals.next() - start, std::chrono::milliseconds(i));
  }
}

TEST(ArrivalSequence, PoissonGapsHaveTheMeanAndTheVarianceOfTheRate) {
  constexpr int kCount = 100'000;
  ArrivalSequence arrivals(Arrivals::kPoisson, 1000, 1, TimePoint{});
  double sum = 0, squares = 0;
  TimePoint last{};
  for (int i = 0; i < kCount; ++i, arrivals.step()) {
    double gap = Seconds(arrivals.next() - last).count() * 1000;
    last = arrivals.next();
    sum += gap;
    squares += gap * gap;
  }
  double mean = sum / kCount;
  EXPECT_NEAR(mean, 1, 0.02);
  EXPECT_NEAR(squares / kCount - mean * mean, 1, 0.05);
}

TEST(ArrivalSequence, TheSameSeedGivesTheSameTimes) {
  ArrivalSequence a(Arrivals::kPoisson, 500, 7, TimePoint{});
  ArrivalSequence b(Arrivals::kPoisson, 500, 7, TimePoint{});
  ArrivalSequence other(Arrivals::kPoisson, 500, 8, TimePoint{});
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), other.next());
}

}  // namespace
}  // namespace skein::load

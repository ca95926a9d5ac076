#include "telemetry/request_log.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

namespace skein::telemetry {
namespace {

using std::chrono::milliseconds;

RequestRecord record(int64_t version, std::string_view id = "") {
  RequestRecord record;
  record.version = version;
  record.id.assign(id);
  return record;
}

TEST(RequestLog, KeepsTheSlowAndOneInSoMany) {
  RequestLog slow({.slow = milliseconds(5)});
  EXPECT_TRUE(slow.enabled());
  EXPECT_FALSE(slow.wants(milliseconds(4)));
  EXPECT_TRUE(slow.wants(milliseconds(5)));

  RequestLog sampled({.sample = 3});
  int wanted = 0;
  for (int i = 0; i < 30; ++i) wanted += sampled.wants(milliseconds(0)) ? 1 : 0;
  EXPECT_EQ(wanted, 10);

  RequestLog both({.slow = milliseconds(5), .sample = 1000});
  EXPECT_TRUE(both.wants(milliseconds(0)));  // the first of a thousand
  EXPECT_FALSE(both.wants(milliseconds(0)));
  EXPECT_TRUE(both.wants(milliseconds(6)));
}

TEST(RequestLog, IsOffUnlessAskedFor) {
  RequestLog off({});
  EXPECT_FALSE(off.enabled());
  EXPECT_TRUE(off.take().empty());
  EXPECT_EQ(off.lost(), 0u);
}

TEST(RequestLog, GivesRecordsInOrderAndCountsWhatDoesNotFit) {
  RequestLog log({.sample = 1});
  for (int64_t round = 0; round < 3; ++round) {
    int64_t capacity = RequestLog::kCapacity;
    for (int64_t i = 0; i < capacity + 7; ++i) log.push(record(i, "r" + std::to_string(i)));
    std::vector<RequestRecord> taken = log.take();
    ASSERT_EQ(taken.size(), RequestLog::kCapacity);
    for (int64_t i = 0; i < capacity; ++i) EXPECT_EQ(taken[static_cast<size_t>(i)].version, i);
    EXPECT_EQ(taken.back().id.view(), "r255");
    EXPECT_EQ(log.lost(), 7u * static_cast<uint64_t>(round + 1));
    EXPECT_TRUE(log.take().empty());
  }
}

TEST(RequestLog, NothingIsTornOrForgottenAmongThreads) {
  constexpr int64_t kThreads = 4;
  constexpr int64_t kEach = 5000;
  RequestLog log({.sample = 1});
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, &running, t] {
      for (int64_t i = 0; i < kEach; ++i) log.push(record(i, std::to_string(t)));
      --running;
    });
  }
  std::map<std::string, int64_t, std::less<>> last;
  uint64_t got = 0;
  auto take = [&] {
    for (const RequestRecord& each : log.take()) {
      ++got;
      auto [found, first] = last.try_emplace(std::string(each.id.view()), each.version);
      EXPECT_TRUE(first || found->second < each.version);  // each thread's own order
      found->second = each.version;
    }
  };
  while (running > 0) take();
  for (std::thread& thread : threads) thread.join();
  take();
  EXPECT_EQ(got + log.lost(), static_cast<uint64_t>(kThreads * kEach));
}

TEST(ShortText, CutsBetweenCharactersAndSaysSo) {
  ShortText<8> text;
  text.assign("12345678");
  EXPECT_EQ(text.view(), "12345678");
  text.assign("123456789");
  EXPECT_EQ(text.view(), "12345...");
  text.assign("1234\xC3\xA4xyz!");
  EXPECT_EQ(text.view(), "1234...");
  text.assign("");
  EXPECT_EQ(text.view(), "");
}

}  // namespace
}  // namespace skein::telemetry

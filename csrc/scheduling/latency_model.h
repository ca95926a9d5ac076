// How long a batch of so many rows takes, learnt from the batches that ran. One writer at a time;
// the quantiles may be read by any thread without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace skein::scheduling {

class LatencyModel {
 public:
  // Sizes are grouped: 1, 2, 3, 4, 6, 8, 12, 16, 24, ... up to 2^31.
  static constexpr int kBuckets = 62;
  static int bucket_of(int64_t rows);      // the smallest bucket that holds `rows`, which is >= 1
  static int64_t bucket_rows(int bucket);  // the largest size in it

  // The first `paying` runs of a bucket pay for lazy allocations, or captures on a GPU: they count
  // only until there is another. As many as slots that have memory of their own.
  explicit LatencyModel(uint64_t paying = 1) : paying_(paying) {}
  LatencyModel(const LatencyModel&) = delete;
  LatencyModel& operator=(const LatencyModel&) = delete;

  // Each bucket remembers its latest kWindow runs, so old ones fade as new ones come.
  static constexpr size_t kWindow = 64;
  void record(int64_t rows, Duration run);

  // Of a batch of `rows`, by interpolation between the measured sizes; a larger batch than any
  // measured grows in proportion, and a smaller one never takes longer than a larger one. high() is
  // the 95th percentile. 0: nothing is known.
  Duration median(int64_t rows) const { return at(rows, median_); }
  Duration high(int64_t rows) const { return at(rows, high_); }
  bool known() const { return lowest_.load(std::memory_order_relaxed) < kBuckets; }

  struct Row {
    int64_t rows = 0;  // the largest size of the bucket
    Duration median{0}, high{0};
    uint64_t samples = 0;  // recorded so far, not only those remembered
  };
  // The measured buckets, in ascending order. Any thread.
  std::vector<Row> table() const;

 private:
  struct Window {
    std::array<int64_t, kWindow> runs;  // nanoseconds
    uint64_t recorded = 0;
    int64_t median = 0, high = 0;  // of these runs alone
  };
  using Quantiles = std::array<std::atomic<int64_t>, kBuckets>;  // nanoseconds; 0: not measured

  Duration at(int64_t rows, const Quantiles& quantiles) const;
  void summarize(int bucket);
  void publish(int lowest, int highest);

  uint64_t paying_;
  std::array<std::unique_ptr<Window>, kBuckets> windows_;
  Quantiles median_{}, high_{};
  std::array<std::atomic<uint64_t>, kBuckets> samples_{};
  std::atomic<int> lowest_{kBuckets}, highest_{-1};  // measured buckets
};

}  // namespace skein::scheduling

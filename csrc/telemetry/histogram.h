// Log-linear histogram of non-negative integers (nanoseconds, rows): 16 buckets per power of two,
// so a reported quantile is at most 6.25 % above the true one. One writer at a time, any readers,
// no locks: the writer's plain load + store stays exact because nobody else writes.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace skein::telemetry {

inline constexpr int kSubBucketBits = 4;
inline constexpr int kSubBuckets = 1 << kSubBucketBits;
inline constexpr int kMaxExponent = 44;  // values above 2^44 (4.9 hours in ns) are clamped
inline constexpr int kBucketCount = kSubBuckets * (kMaxExponent - kSubBucketBits + 1);

constexpr int bucket_of(uint64_t value) {
  constexpr uint64_t kMaxValue = (uint64_t{1} << kMaxExponent) - 1;
  if (value > kMaxValue) value = kMaxValue;
  if (value < kSubBuckets) return static_cast<int>(value);
  int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBucketBits;
  return kSubBuckets * (shift + 1) + static_cast<int>((value >> shift) - kSubBuckets);
}

// The largest value that falls into the bucket.
constexpr uint64_t bucket_upper_bound(int bucket) {
  if (bucket < kSubBuckets) return static_cast<uint64_t>(bucket);
  int shift = bucket / kSubBuckets - 1;
  uint64_t mantissa = static_cast<uint64_t>(kSubBuckets + bucket % kSubBuckets);
  return ((mantissa + 1) << shift) - 1;
}

// A merged copy, for readers.
struct HistogramSnapshot {
  std::array<uint64_t, kBucketCount> buckets{};
  uint64_t count = 0;
  uint64_t sum = 0;

  // Upper bound of the bucket holding the q-th value, 0 <= q <= 1; 0 when empty.
  uint64_t quantile(double q) const;
  // How many recorded values are certainly <= bound (whole buckets only).
  uint64_t count_up_to(uint64_t bound) const;
};

class Histogram {
 public:
  void record(uint64_t value, uint64_t times = 1) {
    bump(buckets_[static_cast<size_t>(bucket_of(value))], times);
    bump(sum_, value * times);
  }
  void add_to(HistogramSnapshot& snapshot) const;

 private:
  static void bump(std::atomic<uint64_t>& cell, uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::array<std::atomic<uint64_t>, kBucketCount> buckets_{};
  std::atomic<uint64_t> sum_{0};
};

}  // namespace skein::telemetry

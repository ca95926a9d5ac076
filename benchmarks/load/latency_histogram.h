// Log-linear histogram of nanoseconds for one thread: 128 buckets per power of two, so that a
// quantile is at most 0.8 % above the true one (the server's own has 16 and must be read by other
// threads; comparing two p99s needs finer steps).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace skein::load {

class LatencyHistogram {
 public:
  void record(uint64_t value) {
    value = std::min(value, kMaxValue);
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }

  void add(const LatencyHistogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  double mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }

  // Upper bound of the bucket with the q-th value, 0 <= q <= 1, but never above max().
  uint64_t quantile(double q) const {
    auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= rank) return std::min(upper_bound(i), max_);
    }
    return max_;
  }

 private:
  static constexpr int kBits = 7;
  static constexpr int kMaxExponent = 40;  // 18 minutes; longer is clamped
  static constexpr uint64_t kMaxValue = (uint64_t{1} << kMaxExponent) - 1;
  static constexpr size_t kSub = size_t{1} << kBits;

  static size_t bucket_of(uint64_t value) {
    if (value < kSub) return value;
    int shift = static_cast<int>(std::bit_width(value)) - 1 - kBits;
    return kSub * static_cast<size_t>(shift) + (value >> shift);
  }
  static uint64_t upper_bound(size_t bucket) {
    if (bucket < 2 * kSub) return bucket;
    size_t shift = bucket / kSub - 1;
    return ((kSub + bucket % kSub + 1) << shift) - 1;
  }

  std::array<uint64_t, kSub*(kMaxExponent - kBits + 1)> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace skein::load

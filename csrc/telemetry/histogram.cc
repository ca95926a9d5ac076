#include "telemetry/histogram.h"

#include <cmath>

namespace skein::telemetry {

uint64_t HistogramSnapshot::quantile(double q) const {
  if (count == 0) return 0;
  auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count)));
  if (rank == 0) rank = 1;
  uint64_t seen = 0;
  for (int i = 0; i < kBucketCount; ++i) {
    seen += buckets[static_cast<size_t>(i)];
    if (seen >= rank) return bucket_upper_bound(i);
  }
  return bucket_upper_bound(kBucketCount - 1);
}

uint64_t HistogramSnapshot::count_up_to(uint64_t bound) const {
  uint64_t seen = 0;
  for (int i = 0; i < kBucketCount && bucket_upper_bound(i) <= bound; ++i) {
    seen += buckets[static_cast<size_t>(i)];
  }
  return seen;
}

void Histogram::add_to(HistogramSnapshot& snapshot) const {
  for (size_t i = 0; i < buckets_.size(); ++i) {
    uint64_t n = buckets_[i].load(std::memory_order_relaxed);
    snapshot.buckets[i] += n;
    snapshot.count += n;
  }
  snapshot.sum += sum_.load(std::memory_order_relaxed);
}

}  // namespace skein::telemetry

#include "scheduling/latency_model.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace skein::scheduling {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr double kHigh = 0.95;
// A full window is summarized anew once in so many runs.
constexpr uint64_t kEvery = 8;

int64_t quantile(std::array<int64_t, LatencyModel::kWindow>& runs, size_t count, double q) {
  auto rank = static_cast<size_t>(q * static_cast<double>(count - 1) + 0.5);
  auto nth = runs.begin() + static_cast<ptrdiff_t>(rank);
  std::nth_element(runs.begin(), nth, runs.begin() + static_cast<ptrdiff_t>(count));
  return *nth;
}

}  // namespace

// Two buckets per power of two: 2^k and 3 * 2^(k-1).
int64_t LatencyModel::bucket_rows(int bucket) {
  if (bucket == 0) return 1;
  int power = (bucket + 1) / 2;
  return bucket % 2 != 0 ? int64_t{1} << power : int64_t{3} << (power - 1);
}

int LatencyModel::bucket_of(int64_t rows) {
  if (rows <= 1) return 0;
  int power = static_cast<int>(std::bit_width(static_cast<uint64_t>(rows - 1)));  // rows <= 2^power
  if (power > 31) return kBuckets - 1;
  int bucket = 2 * power - 1;
  if (power >= 2 && rows <= int64_t{3} << (power - 2)) --bucket;
  return std::min(bucket, kBuckets - 1);
}

void LatencyModel::record(int64_t rows, Duration run) {
  int bucket = bucket_of(rows);
  auto index = static_cast<size_t>(bucket);
  std::unique_ptr<Window>& window = windows_[index];
  if (!window) window = std::make_unique<Window>();
  if (window->recorded == paying_ && samples_[index].load(kRelaxed) == paying_) {
    window->recorded = 0;
  }
  window->runs[window->recorded++ % kWindow] = std::max<int64_t>(1, run.count());
  samples_[index].store(samples_[index].load(kRelaxed) + 1, kRelaxed);
  if (window->recorded <= kEvery || window->recorded % kEvery == 0) summarize(bucket);
}

void LatencyModel::summarize(int bucket) {
  Window& window = *windows_[static_cast<size_t>(bucket)];
  auto count = static_cast<size_t>(std::min<uint64_t>(window.recorded, kWindow));
  std::array<int64_t, kWindow> runs = window.runs;
  window.high = quantile(runs, count, kHigh);
  window.median = quantile(runs, count, 0.5);
  int lowest = std::min(bucket, lowest_.load(kRelaxed));
  int highest = std::max(bucket, highest_.load(kRelaxed));
  publish(lowest, highest);
  // After the cells: readers walk from bound to bound and rely on finding them there.
  lowest_.store(lowest, std::memory_order_release);
  highest_.store(highest, std::memory_order_release);
}

// From the largest to the smallest, so that each is bounded by those above it: a few slow runs of a
// size that is seldom used must not outweigh what the others say.
void LatencyModel::publish(int lowest, int highest) {
  int64_t median = std::numeric_limits<int64_t>::max();
  int64_t high = median;
  for (int bucket = highest; bucket >= lowest; --bucket) {
    auto index = static_cast<size_t>(bucket);
    if (!windows_[index]) continue;
    median = std::min(median, windows_[index]->median);
    high = std::min(high, windows_[index]->high);
    median_[index].store(median, kRelaxed);
    high_[index].store(high, kRelaxed);
  }
}

Duration LatencyModel::at(int64_t rows, const Quantiles& quantiles) const {
  int lowest = lowest_.load(std::memory_order_acquire);
  int highest = highest_.load(std::memory_order_acquire);
  if (highest < lowest) return Duration(0);
  auto value = [&](int bucket) { return quantiles[static_cast<size_t>(bucket)].load(kRelaxed); };
  int bucket = bucket_of(rows);
  if (bucket <= lowest) return Duration(value(lowest));
  if (bucket > highest) {
    double scale = static_cast<double>(rows) / static_cast<double>(bucket_rows(highest));
    return Duration(static_cast<int64_t>(static_cast<double>(value(highest)) * scale));
  }
  int above = bucket;
  while (value(above) == 0) ++above;
  if (bucket_rows(above) == rows) return Duration(value(above));
  int below = bucket - 1;
  while (value(below) == 0) --below;
  auto from = static_cast<double>(bucket_rows(below));
  auto to = static_cast<double>(bucket_rows(above));
  double part = (static_cast<double>(rows) - from) / (to - from);
  auto low = static_cast<double>(value(below));
  return Duration(static_cast<int64_t>(low + part * (static_cast<double>(value(above)) - low)));
}

std::vector<LatencyModel::Row> LatencyModel::table() const {
  std::vector<Row> rows;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    auto index = static_cast<size_t>(bucket);
    uint64_t samples = samples_[index].load(kRelaxed);
    if (samples == 0) continue;
    rows.push_back({bucket_rows(bucket), Duration(median_[index].load(kRelaxed)),
                    Duration(high_[index].load(kRelaxed)), samples});
  }
  return rows;
}

}  // namespace skein::scheduling

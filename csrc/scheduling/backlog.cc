#include "scheduling/backlog.h"

#include <algorithm>

namespace skein::scheduling {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

size_t cell_of(int64_t slice, int64_t slices) { return static_cast<size_t>(slice % slices); }

}  // namespace

// What was due in slices gone by moves into one sum, so that its cells can be used again.
void Backlog::advance(int64_t slice) {
  int64_t first = first_.load(kRelaxed);
  if (slice <= first) return;
  int64_t passed = std::min(slice - first, kSlices);
  for (int64_t i = 0; i < passed && total_.load(kRelaxed) > 0; ++i) {
    std::atomic<int64_t>& cell = slices_[cell_of(first + i, kSlices)];
    change(overdue_, cell.load(kRelaxed));
    cell.store(0, kRelaxed);
  }
  first_.store(slice, kRelaxed);
}

Backlog::Place Backlog::add(TimePoint due, int64_t rows, TimePoint now) {
  advance(slice_of(now));
  int64_t first = first_.load(kRelaxed);
  int64_t slice = slice_of(due);
  change(requests_, 1);
  change(total_, rows);
  if (slice >= first + kSlices) {
    change(distant_, rows);
    return Place::kDistant;
  }
  change(slice < first ? overdue_ : slices_[cell_of(slice, kSlices)], rows);
  return Place::kSlice;
}

void Backlog::remove(TimePoint due, Place place, int64_t rows) {
  change(requests_, -1);
  change(total_, -rows);
  if (place == Place::kDistant) return change(distant_, -rows);
  int64_t slice = slice_of(due);
  bool overdue = slice < first_.load(kRelaxed);
  change(overdue ? overdue_ : slices_[cell_of(slice, kSlices)], -rows);
}

int64_t Backlog::rows_before(TimePoint due) const {
  int64_t first = first_.load(kRelaxed);
  int64_t slice = slice_of(due);
  if (slice >= first + kSlices) return rows();
  if (rows() == 0) return 0;
  int64_t before = overdue_.load(kRelaxed);
  for (int64_t i = first; i <= slice; ++i) before += slices_[cell_of(i, kSlices)].load(kRelaxed);
  return before;
}

}  // namespace skein::scheduling

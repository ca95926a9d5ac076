// Making the rows of a batch that come from sources, before the rest is gathered.
#pragma once

#include <functional>
#include <vector>

#include "runtime/executor.h"

namespace skein::runtime {

// Working space of one slot.
class RowPreparation {
 public:
  // Room for input `input` of the batch, of `size` bytes. It is kept until the batch is done.
  using Place = std::function<Result<std::byte*>(size_t input, size_t size)>;

  // Has the sources write their rows where the whole batch is gathered, and calls `execute` with
  // what is left of the batch, if anything is: items that failed are taken out, with the reason in
  // `result.left_out`, and the rows behind them moved up.
  template <class Execute>
  Status before(const Batch& batch, const Place& place, BatchResult& result, Execute execute) {
    if (!needed(batch)) return execute(batch);
    Result<const Batch*> left = run(batch, place, result);
    if (!left.ok()) return left.status();
    result.prepared = result.gathered = result.finished = Clock::steady().now();
    return (*left)->items.empty() ? Status() : execute(**left);
  }

 private:
  struct Input {
    size_t index = 0;
    std::byte* place = nullptr;
  };
  struct Task {
    size_t item = 0;
    size_t input = 0;
    int64_t first = 0, rows = 0;  // of the item's
    std::byte* to = nullptr;
    Status status;
  };

  static bool needed(const Batch& batch);
  // Valid until the next call.
  Result<const Batch*> run(const Batch& batch, const Place& place, BatchResult& result);
  Status plan(const Batch& batch, const Place& place);
  void plan_item(const Batch& batch, size_t item, const Input& input, std::byte* to);
  void perform(const Batch& batch);
  void leave_out(const Batch& batch, BatchResult& result);
  void close_gaps(const Batch& batch, const std::vector<Status>& left_out) const;

  std::vector<Input> inputs_;
  std::vector<Task> tasks_, slow_tasks_;  // slow ones are shared with other threads
  Batch left_;
};

}  // namespace skein::runtime

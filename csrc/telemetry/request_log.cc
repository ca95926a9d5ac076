#include "telemetry/request_log.h"

namespace skein::telemetry {

RequestLog::RequestLog(const RequestLogOptions& options) : options_(options) {
  if (options.slow == Duration::max() && options.sample == 0) return;
  cells_ = std::make_unique<Cell[]>(kCapacity);
  for (size_t i = 0; i < kCapacity; ++i) cells_[i].turn.store(i, kRelaxed);
}

void RequestLog::push(const RequestRecord& record) {
  uint64_t turn = pushed_.load(kRelaxed);
  for (;;) {
    Cell& cell = cells_[turn % kCapacity];
    uint64_t at = cell.turn.load(std::memory_order_acquire);
    if (at == turn) {
      if (!pushed_.compare_exchange_weak(turn, turn + 1, kRelaxed)) continue;
      cell.record = record;
      cell.turn.store(turn + 1, std::memory_order_release);
      return;
    }
    if (at < turn) {  // still holds the record of one round before
      lost_.fetch_add(1, kRelaxed);
      return;
    }
    turn = pushed_.load(kRelaxed);
  }
}

std::vector<RequestRecord> RequestLog::take() {
  std::vector<RequestRecord> records;
  if (!enabled()) return records;
  std::lock_guard lock(taking_);
  for (;; ++taken_) {
    Cell& cell = cells_[taken_ % kCapacity];
    if (cell.turn.load(std::memory_order_acquire) != taken_ + 1) return records;
    records.push_back(cell.record);
    cell.turn.store(taken_ + kCapacity, std::memory_order_release);
  }
}

}  // namespace skein::telemetry

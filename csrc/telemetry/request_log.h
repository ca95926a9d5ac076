// What is kept of single requests so that a slow one can be explained: those slower than a bound,
// and a sample of all. Workers put records in without waiting; the control plane takes them out
// and writes the log's lines.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/quote.h"
#include "base/status.h"
#include "telemetry/model_stats.h"
#include "telemetry/trace_context.h"

namespace skein::telemetry {

// A copy of some UTF-8 text; what is longer than `Limit` bytes is cut and ends in "...".
template <size_t Limit>
class ShortText {
 public:
  void assign(std::string_view text) {
    constexpr std::string_view kCut = "...";
    std::string_view kept = text.size() <= Limit ? text : utf8_prefix(text, Limit - kCut.size());
    char* end = std::ranges::copy(kept, bytes_.data()).out;
    if (kept.size() < text.size()) end = std::ranges::copy(kCut, end).out;
    size_ = static_cast<uint32_t>(end - bytes_.data());
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, Limit> bytes_{};
  uint32_t size_ = 0;
};

// The ends of a request's phases, each as the time since its arrival: admitted and put into the
// queue, taken into a batch, rows made by their sources, inputs gathered, model run, answers of the
// batch encoded.
struct RequestPhases {
  Duration queued{0}, formed{0}, prepared{0}, gathered{0}, finished{0}, answered{0};
};

struct RequestRecord {
  ShortText<128> model;
  int64_t version = 0;
  ShortText<128> id;   // as the client named the request
  ShortText<64> peer;  // transport's label of the client
  TraceContext trace;
  Code code = Code::kOk;
  int64_t batch_rows = 0;
  int64_t batch_requests = 0;
  Release release = Release::kIdleSlot;
  Duration predicted{0};  // from forming the batch to its last answer; 0: nothing was known
  std::chrono::system_clock::time_point arrival;
  RequestPhases phases;
  Duration preparation{0};  // of inputs, before it was queued
};

struct RequestLogOptions {
  Duration slow = Duration::max();  // keep what took at least so long; max: not for that
  uint64_t sample = 0;              // keep one of so many, whatever it took; 0: none
};

class RequestLog {
 public:
  static constexpr size_t kCapacity = 256;  // records that wait to be taken

  explicit RequestLog(const RequestLogOptions& options);

  bool enabled() const { return cells_ != nullptr; }

  // --- Any thread, only if enabled(); none of these waits. ---
  // Whether to keep a request that took so long. Ask once for each: this counts the sample.
  bool wants(Duration took) {
    if (took >= options_.slow) return true;
    return options_.sample != 0 && asked_.fetch_add(1, kRelaxed) % options_.sample == 0;
  }
  // A record for which there is no room is counted as lost.
  void push(const RequestRecord& record);

  // --- The control plane; also when not enabled. ---
  // All records that wait, oldest first.
  std::vector<RequestRecord> take();
  uint64_t lost() const { return lost_.load(kRelaxed); }

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;

  // Free for the push number `turn`; holds its record at turn + 1; then free for the push that is
  // kCapacity later. (Vyukov's bounded queue.)
  struct Cell {
    std::atomic<uint64_t> turn;
    RequestRecord record;
  };

  const RequestLogOptions options_;
  std::unique_ptr<Cell[]> cells_;  // kCapacity, or none
  std::atomic<uint64_t> asked_{0}, lost_{0};
  std::atomic<uint64_t> pushed_{0};
  std::mutex taking_;
  uint64_t taken_ = 0;
};

}  // namespace skein::telemetry

#include "scheduling/queue.h"

#include <algorithm>
#include <string>
#include <utility>

namespace skein::scheduling {
namespace {

// A batch expected to end sooner than waking another thread pays off.
constexpr Duration kShortRun = std::chrono::microseconds(100);

// Whether rows of both can stand in one batch: equal dimensions but for the first.
bool same_shape_class(const runtime::Item& a, const runtime::Item& b) {
  return std::ranges::equal(a.inputs, b.inputs, [](const TensorView& x, const TensorView& y) {
    return std::ranges::equal(x.shape.dims().subspan(1), y.shape.dims().subspan(1));
  });
}

}  // namespace

Queue::Queue(ModelSpec spec, std::vector<std::unique_ptr<runtime::Executor>> executors)
    : spec_(std::move(spec)),
      stats_(static_cast<int>(executors.size()), spec_.batching.max_batch_size),
      slots_(executors.size()) {
  for (size_t i = 0; i < executors.size(); ++i) {
    slots_[i].executor = std::move(executors[i]);
    slots_[i].recorder = &stats_.slot(static_cast<int>(i));
    free_.push_back(&slots_[i]);
  }
}

Queue::~Queue() {
  for (auto& [key, line] : lines_) {
    while (Request* request = line.requests.pop_front()) {
      request->fail(internal("the model was dropped before the request was run"));
    }
  }
}

void Queue::reset_statistics() {
  stats_.reset();
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].recorder = &stats_.slot(static_cast<int>(i));
  }
}

telemetry::ModelSnapshot Queue::snapshot() const {
  telemetry::ModelSnapshot snapshot = stats_.snapshot();
  snapshot.pending =
      waiting_.load(std::memory_order_relaxed) + running_.load(std::memory_order_relaxed);
  return snapshot;
}

Status Queue::admit() {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) < spec_.max_queue_size) return {};
  give_back();
  return resource_exhausted("the queue of model '" + spec_.name +
                            "' is full: " + std::to_string(spec_.max_queue_size) +
                            " requests wait (max_queue_size); retry later or raise the limit");
}

QueueKey Queue::settle(const Request& request) const {
  QueueKey key = request.key;
  for (auto line = lines_.find(key); line != lines_.end(); line = lines_.find(++key)) {
    if (same_shape_class(request.item, line->second.requests.front()->item)) break;
  }
  return key;
}

void Queue::push(Request& request, TimePoint now) {
  if (request.key != kOneShape) request.key = settle(request);
  request.queue_ = this;
  request.queued_ = true;
  request.queued_at_ = now;
  Line& line = lines_[request.key];
  if (line.count++ == 0) line.oldest = now;
  line.requests.push_back(request);
}

void Queue::remove(Request& request) {
  auto found = lines_.find(request.key);
  Line& line = found->second;
  line.requests.remove(request);
  request.queued_ = false;
  give_back();
  if (--line.count == 0) {
    lines_.erase(found);
  } else {
    line.oldest = line.requests.front()->queued_at_;
  }
}

Queue::Line& Queue::head() {
  if (lines_.size() == 1) return lines_.begin()->second;
  return std::ranges::min_element(lines_, {}, [](const auto& entry) { return entry.second.oldest; })
      ->second;
}

Decision Queue::decide_head(TimePoint now) {
  Line& line = head();
  scratch_rows_.clear();
  auto most = static_cast<size_t>(std::max<int64_t>(1, spec_.batching.max_batch_size)) + 1;
  for (const Request* request = line.requests.front();
       request != nullptr && scratch_rows_.size() < most; request = RequestList::next(*request)) {
    scratch_rows_.push_back(request->item.rows);
  }
  return decide({.rows = scratch_rows_, .oldest = line.oldest}, spec_.batching, now);
}

void Queue::take(size_t count, TimePoint now, Slot& slot, RequestList& expired) {
  Line& line = head();
  slot.requests.clear();
  slot.formed = now;
  for (size_t i = 0; i < count; ++i) {
    Request* request = line.requests.pop_front();
    request->queued_ = false;
    if (request->deadline <= now) {
      expired.push_back(*request);
    } else {
      slot.requests.push_back(request);
    }
  }
  waiting_.fetch_sub(static_cast<int64_t>(count), std::memory_order_relaxed);
  running_.fetch_add(static_cast<int64_t>(slot.requests.size()), std::memory_order_relaxed);
  line.count -= count;
  if (line.count > 0) {
    line.oldest = line.requests.front()->queued_at_;
    return;
  }
  std::erase_if(lines_, [](const auto& entry) { return entry.second.count == 0; });
}

void Queue::record_run(Duration run) {
  if (!measured_) {
    measured_ = true;
    run_mean_ = run;
  }
  Duration error = run - run_mean_;
  run_mean_ += error / 8;
  run_deviation_ += (std::chrono::abs(error) - run_deviation_) / 8;
}

bool Queue::predicted_short() const {
  return measured_ && run_mean_ + 2 * run_deviation_ < kShortRun;
}

}  // namespace skein::scheduling

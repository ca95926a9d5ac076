#include "scheduling/queue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/padding.h"
#include "scheduling/wording.h"

namespace skein::scheduling {
namespace {

using telemetry::Refusal;

// A batch expected to end sooner than waking another thread pays off.
constexpr Duration kShortRun = std::chrono::microseconds(100);

// More than any delay for company.
constexpr Duration kLongAgo = std::chrono::hours(24);

// Keys of padded requests are 1 + the bucket of their length, unless other dimensions vary too.
constexpr QueueKey kMostBuckets = 64;

// Orders what has neither deadline nor target: those with a deadline go first, but not for ever.
constexpr Duration kPatience = std::chrono::seconds(1);

// The longest text of a refusal but for the model's name.
constexpr size_t kRefusalBytes = 160;

// After so long without a run, what is known about runs is put to the test.
constexpr Duration kStale = std::chrono::seconds(1);

// The same, where one run may be shorter than the model tells: an idle server takes it.
Verdict not_hopeless(Verdict verdict, const Ahead& ahead) {
  if (verdict.kind != Verdict::Kind::kHopeless) return verdict;
  verdict.kind = ahead.idle() ? Verdict::Kind::kAdmit : Verdict::Kind::kOverload;
  verdict.retry_after = std::max<Duration>(ahead.busy, std::chrono::milliseconds(1));
  return verdict;
}

TimePoint target_of(const Request& request, Duration target) {
  return target > Duration(0) ? request.arrival + target : kNever;
}

}  // namespace

Queue::Queue(ModelSpec spec, std::vector<std::unique_ptr<runtime::Executor>> executors)
    : spec_(std::move(spec)),
      stats_(std::make_shared<telemetry::ModelStats>(static_cast<int>(executors.size()),
                                                     spec_.batching.max_batch_size)),
      latency_(spec_.execution.on_gpu() ? executors.size() : 1),
      slots_(executors.size()),
      levels_(static_cast<size_t>(std::max(1, spec_.priority.levels))),
      share_(static_cast<double>(executors.size())) {
  for (size_t i = 0; i < executors.size(); ++i) {
    slots_[i].executor = std::move(executors[i]);
    slots_[i].recorder = &stats_->slot(static_cast<int>(i));
    free_.push_back(&slots_[i]);
  }
  if (spec_.preserve_ordering) order_ = std::make_unique<AnswerOrder>();
}

Queue::~Queue() {
  while (!empty()) {
    Request& request = *head().requests.front();
    remove(request);
    request.fail(internal("the model was dropped before the request was run"));
  }
}

void Queue::reset_statistics() {
  stats_->reset();
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].recorder = &stats_->slot(static_cast<int>(i));
  }
}

telemetry::ModelSnapshot Queue::snapshot() const {
  telemetry::ModelSnapshot snapshot = stats_->snapshot();
  snapshot.queued = waiting_.load(std::memory_order_relaxed);
  snapshot.pending = snapshot.queued + running_.load(std::memory_order_relaxed);
  return snapshot;
}

const QueuePolicy* Queue::policy_of(uint8_t level) const {
  return level < spec_.priority.policies.size() ? &spec_.priority.policies[level] : nullptr;
}

Result<uint8_t> Queue::level_of(uint64_t priority) const {
  auto levels = static_cast<uint64_t>(spec_.priority.levels);
  if (levels == 0) return uint8_t{0};  // as in Triton, priorities then mean nothing
  if (priority == 0) priority = static_cast<uint64_t>(spec_.priority.default_level);
  if (priority <= levels) return static_cast<uint8_t>(priority - 1);
  return invalid_argument("request parameter 'priority' is " + std::to_string(priority) +
                          ", but model '" + spec_.name + "' has the levels 1 to " +
                          std::to_string(levels));
}

Result<Place> Queue::admit(const Wish& wish) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  Place place;
  if (wish.deadline != kNever) {
    Ahead ahead = ahead_of(wish);
    Duration left = wish.deadline - wish.now;
    Verdict verdict = judge(ahead, wish.rows, left, spec_.batching, latency_);
    // Its length is not known yet, and short rows take less than the usual ones.
    if (spec_.padding.enabled() && left > Duration(0)) verdict = not_hopeless(verdict, ahead);
    place = {verdict.estimate, left > Duration(0) && is_probe(verdict, ahead, wish.now)};
    bool admitted = verdict.kind == Verdict::Kind::kAdmit || place.probe;
    if (!admitted) return refuse(verdict, left);
  }
  if (waiting_.fetch_add(1, kRelaxed) >= spec_.max_queue_size) {
    waiting_.fetch_sub(1, kRelaxed);
    return refuse_full(wish.level, 0);
  }
  const QueuePolicy* policy = policy_of(wish.level);
  int64_t before = levels_[wish.level].waiting.fetch_add(1, kRelaxed);
  if (policy == nullptr || policy->max_size == 0 || before < policy->max_size) return place;
  give_back(wish.level);
  return refuse_full(wish.level, policy->max_size);
}

// One per kStale, so that a wrong measurement cannot keep everything out for ever.
bool Queue::is_probe(const Verdict& verdict, const Ahead& ahead, TimePoint now) {
  if (verdict.kind != Verdict::Kind::kHopeless || !ahead.idle()) return false;
  int64_t time = now.time_since_epoch().count();
  int64_t last = last_run_.load(std::memory_order_relaxed);
  return time - last > kStale.count() &&
         last_run_.compare_exchange_strong(last, time, std::memory_order_relaxed);
}

void Queue::give_back(uint8_t level) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  levels_[level].waiting.fetch_sub(1, std::memory_order_relaxed);
}

Ahead Queue::ahead_of(const Wish& wish) const {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  Ahead ahead;
  int64_t counted = 0;
  for (uint8_t i = 0; i <= wish.level; ++i) {
    const Backlog& backlog = levels_[i].backlog;
    ahead.rows += i < wish.level ? backlog.rows() : backlog.rows_before(wish.deadline);
    counted += levels_[i].waiting.load(kRelaxed) - backlog.requests();
  }
  ahead.rows += std::max<int64_t>(0, counted);  // admitted, about to be queued
  TimePoint slot_free{Duration(busy_until_.load(kRelaxed))};
  ahead.busy = std::max<Duration>(std::max(slot_free, wish.device_free) - wish.now, Duration(0));
  ahead.slots = share_.load(kRelaxed);
  ahead.factor = calibration_.factor();
  return ahead;
}

Status Queue::refuse_full(uint8_t level, int64_t limit) {
  stats_->refused(Refusal::kQueueFull, Duration(0));
  Duration drained = predicted_wait({}, 1, spec_.batching, latency_);
  std::string which = limit > 0 ? "priority level " + std::to_string(level + 1) + " of " : "";
  Status status =
      resource_exhausted("the queue of " + which + "model '" + spec_.name +
                         "' is full: " + std::to_string(limit > 0 ? limit : spec_.max_queue_size) +
                         " requests wait (max_queue_size); retry later or raise the limit");
  status.set_retry_after(std::max<Duration>(drained, std::chrono::milliseconds(1)));
  return status;
}

// Overload is when this runs often: one allocation, and times in whole milliseconds where there are
// many, so that one refusal is like the next, which the connection's header compression makes use
// of.
Status Queue::refuse(const Verdict& verdict, Duration left) {
  bool hopeless = verdict.kind == Verdict::Kind::kHopeless;
  stats_->refused(hopeless ? Refusal::kHopeless : Refusal::kOverload, Duration(0));
  std::string message;
  message.reserve(kRefusalBytes + spec_.name.size());
  message.append("model '").append(spec_.name);
  message.append(hopeless ? "' takes " : "' is overloaded: the answer would take ");
  message.append(at_most(verdict.wait));
  message.append(hopeless ? " for one request by itself, but the deadline is "
                          : ", but the deadline is ");
  message.append(at_least(std::max(left, Duration(0)))).append(" away");
  if (hopeless) return {Code::kDeadlineExceeded, std::move(message)};
  message.append("; retry in ").append(at_most(verdict.retry_after)).append(" or elsewhere");
  Status status = resource_exhausted(std::move(message));
  status.set_retry_after(verdict.retry_after);
  return status;
}

QueueKey Queue::settle(const Request& request) const {
  QueueKey key = request.key;
  for (auto line = lines_.find(key); line != lines_.end(); line = lines_.find(key)) {
    const runtime::Item& waiting = line->second.requests.front()->item;
    if (same_shape_class(spec_, request.item.inputs, waiting.inputs)) break;
    if (++key == kOneShape) ++key;
  }
  return key;
}

void Queue::expect(Request& request, TimePoint now) {
  request.queue_ = this;
  request.queued_at_ = now;
  TimePoint target = target_of(request, spec_.batching.latency_target);
  TimePoint due = std::min(target, request.arrival + kPatience);
  request.urgency_ = {2u * request.level, std::min(request.deadline, due)};
  if (order_) order_->expect(request);
}

void Queue::push(Request& request, TimePoint now) {
  if (request.key != kOneShape) request.key = settle(request);
  request.queued_at_ = now;
  insert(request, now);
}

void Queue::insert(Request& request, TimePoint now) {
  request.queued_ = true;
  Line& line = line_of(request.key);
  line.requests.insert(request);
  ++line.count;
  ++queued_;
  queued_rows_ += request.item.rows;
  queued_slow_ += request.item.rows_per_task > 0 ? 1 : 0;
  // Those delayed by a timeout run last: they are ahead of nobody.
  bool last = request.urgency_.rank % 2 != 0;
  TimePoint due = last ? kNever : request.urgency_.due;
  request.place_ = levels_[request.level].backlog.add(due, units(request), now);
}

void Queue::remove(Request& request) {
  request.queued_ = false;
  Line& line = line_of(request.key);
  line.requests.remove(request);
  --queued_;
  queued_rows_ -= request.item.rows;
  queued_slow_ -= request.item.rows_per_task > 0 ? 1 : 0;
  levels_[request.level].backlog.remove(request.urgency_.due, request.place_, units(request));
  if (--line.count == 0 && request.key != kOneShape) lines_.erase(request.key);
}

Queue::Line& Queue::head() {
  Line* best = &plain_;
  for (auto& [key, line] : lines_) {
    if (best->count == 0 || line.requests.front()->urgency_ < best->requests.front()->urgency_) {
      best = &line;
    }
  }
  return *best;
}

Decision Queue::decide_head(TimePoint now, RequestList& lapsed) {
  while (!empty()) {
    Line& line = head();
    QueueView found;
    if (Request* request = look(line, now, found)) {
      lapse(*request, now, lapsed);
    } else {
      return decide(found, spec_.batching, latency_of(line.requests.front()->key), now);
    }
  }
  return {};
}

Request* Queue::look(const Line& line, TimePoint now, QueueView& found) {
  scratch_.clear();
  auto most = static_cast<size_t>(std::max<int64_t>(1, spec_.batching.max_batch_size)) + 1;
  found.oldest = now;
  for (Request* request = line.requests.front(); request != nullptr && scratch_.size() < most;
       request = RequestList::next(*request)) {
    if (has_lapsed(*request, now)) return request;
    TimePoint target = target_of(*request, spec_.batching.latency_target);
    scratch_.push_back({request->item.rows, std::min(request->deadline, target)});
    bool alone = request->immediate || request->probe ||
                 request->queue_until <= request->queued_at_ + spec_.batching.max_queue_delay;
    TimePoint waits_since = alone ? now - kLongAgo : request->queued_at_;
    found.oldest = std::min(found.oldest, waits_since);
  }
  found.requests = scratch_;
  found.other_shapes = line.count < queued_;
  return nullptr;
}

// Of a lapsed request: by its deadline, not by its level's timeout.
bool Queue::lapses_late(const Request& request, TimePoint now) {
  return request.queue_until > now || request.deadline <= now;
}

// The deadline is out of reach, or the level's timeout is over.
bool Queue::has_lapsed(const Request& request, TimePoint now) const {
  if (request.queue_until <= now || request.deadline <= now) return true;
  if (request.probe) return false;
  return is_hopeless(request.deadline, request.item.rows, latency_of(request.key), now);
}

void Queue::lapse(Request& request, TimePoint now, RequestList& lapsed) {
  remove(request);
  const QueuePolicy* policy = policy_of(request.level);
  bool late = lapses_late(request, now);
  if (!late && policy != nullptr && policy->delays) {
    request.queue_until = kNever;
    ++request.urgency_.rank;
    return insert(request, now);
  }
  lapsed.push_back(request);
}

Status Queue::lapse_status(const Request& request, TimePoint now, Refusal& why) const {
  bool late = lapses_late(request, now);
  why = late ? Refusal::kExpired : Refusal::kQueueTimeout;
  std::string waited = at_least(now - request.queued_at_);
  if (!late) {
    return {Code::kDeadlineExceeded, "the request waited " + waited + " for model '" + spec_.name +
                                         "', longer than its queue's timeout allows"};
  }
  return {Code::kDeadlineExceeded,
          "the deadline passed, or came too near for one run, while the request waited " + waited +
              " for model '" + spec_.name + "'"};
}

void Queue::take(const Decision& decision, TimePoint now, Slot& slot) {
  Line& line = head();
  slot.requests.clear();
  int64_t rows = 0;
  for (size_t i = 0; i < decision.run; ++i) {
    Request* request = line.requests.front();
    rows += request->item.rows;
    slot.requests.push_back(request);
    remove(*request);
    give_back(request->level);
  }
  running_.fetch_add(static_cast<int64_t>(decision.run), std::memory_order_relaxed);
  slot.formed = now;
  slot.why = decision.why;
  slot.key = slot.requests.front()->key;
  const LatencyModel& latency = latency_of(slot.key);
  slot.predicted = latency.median(rows);
  Duration high = latency.high(rows);
  slot.predicted_short = high > Duration(0) && high < kShortRun;
}

const LatencyModel& Queue::latency_of(QueueKey key) const {
  auto found = by_length_.find(key);
  return found == by_length_.end() ? latency_ : *found->second;
}

void Queue::record_run(const Slot& slot) {
  latency_.record(slot.batch.rows, slot.run);
  if (!spec_.padding.enabled() || slot.key > kMostBuckets) return;
  std::unique_ptr<LatencyModel>& latency = by_length_[slot.key];
  if (!latency) latency = std::make_unique<LatencyModel>();
  latency->record(slot.batch.rows, slot.run);
}

// Only predictions not far from the limit tell whether the limit is drawn right.
void Queue::learn(const Waited& waited) {
  if (waited.predicted <= Duration(0) || waited.predicted * 3 < waited.allowed) return;
  calibration_.record(waited.predicted, waited.actual);
}

void Queue::complete(Request& request, Status status) {
  if (order_) return order_->complete(request, std::move(status));
  if (status.ok()) return request.answer();
  request.fail(std::move(status));
}

}  // namespace skein::scheduling

#include "lab/ideal_server.h"

#include <algorithm>

#include "scheduling/admission.h"

namespace skein::lab {
namespace {

// As in the real queue: what has neither deadline nor target is due this long after it came.
constexpr Duration kPatience = std::chrono::seconds(1);

}  // namespace

IdealServer::IdealServer(const ModelSpec& spec, ServiceTimes times, uint64_t seed)
    : spec_(spec),
      times_(std::move(times)),
      random_(seed),
      slots_(static_cast<size_t>(spec.instance_count)) {
  for (const ServiceTimes::Size& size : times_.sizes()) {
    for (int64_t run : size.runs_ns) model_.record(size.rows, Duration(run));
  }
}

std::vector<Answer> IdealServer::serve(std::span<const Arrival> arrivals) {
  arrivals_ = arrivals;
  answers_.assign(arrivals.size(), {});
  size_t arrived = 0;
  for (TimePoint now = next_event(arrived); now != kNever; now = next_event(arrived)) {
    release(now);
    for (; arrived < arrivals.size() && arrivals[arrived].at <= now; ++arrived) {
      admit(arrived, now);
    }
    start_runs(now);
  }
  return std::move(answers_);
}

TimePoint IdealServer::next_event(size_t arrived) const {
  TimePoint next = arrived < arrivals_.size() ? arrivals_[arrived].at : kNever;
  next = std::min(next, wake_);
  for (const Slot& slot : slots_) {
    if (slot.rows > 0) next = std::min(next, slot.end);
  }
  return next;
}

void IdealServer::release(TimePoint now) {
  for (Slot& slot : slots_) {
    if (slot.rows == 0 || slot.end > now) continue;
    model_.record(slot.rows, slot.end - slot.start);
    slot.rows = 0;
  }
}

void IdealServer::admit(size_t index, TimePoint now) {
  const Arrival& arrival = arrivals_[index];
  if (refuses(arrival, now)) {
    answers_[index] = {now, Fate::kRefused, 0};
    return;
  }
  line_.emplace(due(arrival), index);
}

bool IdealServer::refuses(const Arrival& arrival, TimePoint now) const {
  if (static_cast<int64_t>(line_.size()) >= spec_.max_queue_size) return true;
  if (arrival.deadline == kNever) return false;
  scheduling::Ahead ahead;
  ahead.slots = static_cast<double>(slots_.size());
  auto behind = line_.upper_bound({arrival.deadline, arrivals_.size()});
  ahead.rows = std::distance(line_.begin(), behind);
  TimePoint free = kNever;
  for (const Slot& slot : slots_) free = std::min(free, slot.rows == 0 ? now : slot.predicted);
  ahead.busy = std::max(free - now, Duration(0));
  auto verdict = scheduling::judge(ahead, 1, arrival.deadline - now, spec_.batching, model_);
  return verdict.kind != scheduling::Verdict::Kind::kAdmit;
}

TimePoint IdealServer::due(const Arrival& arrival) const {
  Duration target = spec_.batching.latency_target;
  Duration patience = target > Duration(0) ? std::min(target, kPatience) : kPatience;
  return std::min(arrival.deadline, arrival.at + patience);
}

void IdealServer::start_runs(TimePoint now) {
  wake_ = kNever;
  for (Slot& slot : slots_) {
    if (slot.rows > 0) continue;
    scheduling::Decision decision = decide(now);
    if (decision.run == 0) {
      wake_ = decision.wake;
      return;
    }
    run(decision.run, slot, now);
  }
}

scheduling::Decision IdealServer::decide(TimePoint now) {
  scratch_.clear();
  scheduling::QueueView view;
  view.oldest = now;
  auto most = static_cast<size_t>(std::max<int64_t>(1, spec_.batching.max_batch_size)) + 1;
  for (auto next = line_.begin(); next != line_.end() && scratch_.size() < most;) {
    const Arrival& arrival = arrivals_[next->second];
    if (scheduling::is_hopeless(arrival.deadline, 1, model_, now)) {
      answers_[next->second] = {now, Fate::kExpired, 0};
      next = line_.erase(next);
      continue;
    }
    Duration target = spec_.batching.latency_target;
    TimePoint wanted = target > Duration(0) ? arrival.at + target : kNever;
    scratch_.push_back({1, std::min(arrival.deadline, wanted)});
    view.oldest = std::min(view.oldest, arrival.at);
    ++next;
  }
  if (scratch_.empty()) return {};
  view.requests = scratch_;
  return scheduling::decide(view, spec_.batching, model_, now);
}

void IdealServer::run(size_t requests, Slot& slot, TimePoint now) {
  auto rows = static_cast<int64_t>(requests);
  double quantile = std::uniform_real_distribution<double>(0, 1)(random_);
  slot = {now + times_.at(rows, quantile), now + model_.median(rows), now, rows};
  for (size_t i = 0; i < requests; ++i) {
    answers_[line_.begin()->second] = {slot.end, Fate::kServed, static_cast<int32_t>(rows)};
    line_.erase(line_.begin());
  }
}

}  // namespace skein::lab

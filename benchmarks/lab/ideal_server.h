// An ideal server, as a discrete-event simulation: it costs nothing beside the runs of its model,
// and decides by the functions that the real one uses.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/model_spec.h"
#include "lab/service_times.h"
#include "scheduling/batch_policy.h"
#include "scheduling/latency_model.h"

namespace skein::lab {

// A request of one row.
struct Arrival {
  TimePoint at{};
  TimePoint deadline = kNever;
};

enum class Fate : uint8_t { kServed, kRefused, kExpired };

struct Answer {
  TimePoint done{};  // served: when its run ended; else when it was turned away
  Fate fate = Fate::kServed;
  int32_t batch = 0;  // rows of the run it was in
};

class IdealServer {
 public:
  // Of `spec` it uses batching, instance_count and max_queue_size. It knows the measured times
  // from the start, as the real server does from warm-up, and goes on learning.
  IdealServer(const ModelSpec& spec, ServiceTimes times, uint64_t seed);

  // Answers all arrivals, which are in ascending order; answers[i] belongs to arrivals[i].
  std::vector<Answer> serve(std::span<const Arrival> arrivals);

 private:
  struct Slot {
    TimePoint end{};        // of its run; in the past: free
    TimePoint predicted{};  // when that was expected
    TimePoint start{};
    int64_t rows = 0;  // 0: nothing ran since the last release
  };
  using Line = std::set<std::pair<TimePoint, size_t>>;  // (due, arrival): most urgent first

  TimePoint next_event(size_t arrived) const;
  void release(TimePoint now);
  void admit(size_t index, TimePoint now);
  bool refuses(const Arrival& arrival, TimePoint now) const;
  void start_runs(TimePoint now);
  // What to do with the line now; requests that lapsed leave it first.
  scheduling::Decision decide(TimePoint now);
  void run(size_t requests, Slot& slot, TimePoint now);
  TimePoint due(const Arrival& arrival) const;

  const ModelSpec spec_;
  const ServiceTimes times_;
  std::mt19937_64 random_;
  scheduling::LatencyModel model_;
  std::vector<Slot> slots_;
  Line line_;
  TimePoint wake_ = kNever;
  std::vector<scheduling::Waiting> scratch_;
  std::span<const Arrival> arrivals_;
  std::vector<Answer> answers_;
};

}  // namespace skein::lab

// Model name -> deployment -> version. Immutable: a change builds a new snapshot and swaps it
// whole, so that an I/O thread reads its own without a lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "scheduling/queue.h"

namespace skein::scheduling {
class Device;
}

namespace skein::routing {

// Where requests of one version go. Its owner (the loaded version) keeps it alive until no
// snapshot names it and its queue is drained: requests refer to it.
struct Target {
  int64_t version = 0;
  std::string version_text;  // decimal
  scheduling::Queue* queue = nullptr;
  scheduling::Device* device = nullptr;
};

struct WeightedTarget {
  const Target* target = nullptr;
  double weight = 0;  // share of requests that name no version, relative to the others
};

// What serves one model name.
class Deployment {
 public:
  // Weights are >= 0 and not all zero. Without targets, requests get UNAVAILABLE and `reason`
  // (still loading, failed to load).
  Deployment(std::string name, std::vector<WeightedTarget> targets, std::string reason = {});

  const std::string& name() const { return name_; }
  const std::vector<WeightedTarget>& targets() const { return targets_; }

  // `version` as the request has it: empty, or a decimal number. `sticky` picks among the weights
  // (equal values, equal picks); NOT_FOUND naming what is served.
  Result<const Target*> pick(std::string_view version, uint64_t sticky) const;

 private:
  std::string name_;
  std::string reason_;
  std::vector<WeightedTarget> targets_;
  double total_weight_ = 0;
};

class Snapshot {
 public:
  explicit Snapshot(std::vector<Deployment> deployments);

  // NOT_FOUND with the names that are served.
  Result<const Target*> route(std::string_view model, std::string_view version,
                              uint64_t sticky) const;

 private:
  std::vector<Deployment> deployments_;  // by name
};

}  // namespace skein::routing

#include "routing/snapshot.h"

#include <algorithm>
#include <utility>

#include "base/quote.h"

namespace skein::routing {
namespace {

constexpr size_t kNamesShown = 10;

// A well-mixed value in [0, 1) of any 64 bits (SplitMix64's finaliser).
double unit_interval(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  value ^= value >> 31;
  return static_cast<double>(value >> 11) * 0x1.0p-53;
}

Status unknown_model(std::string_view model, const std::vector<Deployment>& deployments) {
  std::string names;
  size_t served = 0;
  for (const Deployment& deployment : deployments) {
    if (deployment.targets().empty() || ++served > kNamesShown) continue;
    names += (served > 1 ? ", " : "") + deployment.name();
  }
  if (served > kNamesShown) names += " and " + std::to_string(served - kNamesShown) + " more";
  return not_found("unknown model " + quote(model) + "; served: " + (served == 0 ? "none" : names));
}

}  // namespace

Deployment::Deployment(std::string name, std::vector<WeightedTarget> targets, std::string reason)
    : name_(std::move(name)), reason_(std::move(reason)), targets_(std::move(targets)) {
  for (const WeightedTarget& entry : targets_) total_weight_ += entry.weight;
}

Result<const Target*> Deployment::pick(std::string_view version, uint64_t sticky) const {
  if (targets_.empty()) return unavailable("model '" + name_ + "' is not ready: " + reason_);
  if (version.empty()) {
    if (targets_.size() == 1) return targets_.front().target;
    double point = unit_interval(sticky) * total_weight_;
    for (const WeightedTarget& entry : targets_) {
      if (point < entry.weight) return entry.target;
      point -= entry.weight;
    }
    // Rounding left a sliver past the last weight.
    auto weighs = [](const WeightedTarget& entry) { return entry.weight > 0; };
    return std::ranges::find_if(targets_, weighs)->target;
  }
  for (const WeightedTarget& entry : targets_) {
    if (entry.target->version_text == version) return entry.target;
  }
  std::string message =
      "model " + quote(name_) + " has no version " + quote(version) + "; served: ";
  for (size_t i = 0; i < targets_.size(); ++i) {
    message += (i > 0 ? ", " : "") + targets_[i].target->version_text;
  }
  return not_found(std::move(message));
}

Snapshot::Snapshot(std::vector<Deployment> deployments) : deployments_(std::move(deployments)) {
  std::ranges::sort(deployments_, {}, &Deployment::name);
}

Result<const Target*> Snapshot::route(std::string_view model, std::string_view version,
                                      uint64_t sticky) const {
  auto name = [](const Deployment& deployment) { return std::string_view(deployment.name()); };
  auto found = std::ranges::lower_bound(deployments_, model, {}, name);
  if (found == deployments_.end() || name(*found) != model) {
    return unknown_model(model, deployments_);
  }
  return found->pick(version, sticky);
}

}  // namespace skein::routing

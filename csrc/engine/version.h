// One loaded version of a model: its slots and queue, on the device that runs it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/model_spec.h"
#include "engine/input_maker.h"
#include "routing/snapshot.h"
#include "runtime/onnx.h"
#include "scheduling/device.h"
#include "scheduling/queue.h"

namespace skein::engine {

// A target as this layer makes it: all that routing knows are of this kind.
struct VersionTarget : routing::Target {
  const InputMakers* makers = nullptr;
};

class Version {
 public:
  // `device` must outlive the version; the slots keep what they need of the model.
  static Result<std::shared_ptr<Version>> load(runtime::OnnxModel& model, ModelSpec spec,
                                               scheduling::Device& device);
  // Waits until nothing of it is queued or running. No routing snapshot may name it any more.
  ~Version();
  Version(const Version&) = delete;
  Version& operator=(const Version&) = delete;

  const ModelSpec& spec() const { return queue_.spec(); }
  const routing::Target& target() const { return target_; }
  scheduling::Queue& queue() { return queue_; }
  scheduling::Device& device() { return device_; }
  telemetry::ModelSnapshot snapshot() const { return queue_.snapshot(); }
  // How long batches took, by size. Any thread.
  std::vector<scheduling::LatencyModel::Row> latency() const { return queue_.latency().table(); }
  void drain() { device_.drain(queue_); }
  // Ends warm-up: its runs do not count, but latency() keeps them. Before the version is published.
  void forget_warm_up() {
    drain();
    queue_.reset_statistics();
  }
  // Counts on from the statistics of a version that this one replaces. After forget_warm_up() and
  // before the version is published.
  void continue_statistics(const Version& before) { queue_.continue_statistics(before.queue_); }

 private:
  Version(ModelSpec spec, InputMakers makers,
          std::vector<std::unique_ptr<runtime::Executor>> executors, scheduling::Device& device);

  const InputMakers makers_;
  scheduling::Queue queue_;
  scheduling::Device& device_;
  VersionTarget target_;
};

}  // namespace skein::engine

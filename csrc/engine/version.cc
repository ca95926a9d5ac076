#include "engine/version.h"

#include <utility>

namespace skein::engine {

Version::Version(std::shared_ptr<runtime::OnnxModel> model, ModelSpec spec,
                 std::vector<std::unique_ptr<runtime::Executor>> executors,
                 scheduling::Device& device)
    : model_(std::move(model)),
      queue_(std::move(spec), std::move(executors)),
      device_(device),
      target_{.version = queue_.spec().version,
              .version_text = std::to_string(queue_.spec().version),
              .queue = &queue_,
              .device = &device} {}

Version::~Version() { drain(); }

Result<std::shared_ptr<Version>> Version::load(std::shared_ptr<runtime::OnnxModel> model,
                                               ModelSpec spec, scheduling::Device& device) {
  std::vector<std::unique_ptr<runtime::Executor>> executors;
  for (int i = 0; i < spec.instance_count; ++i) {
    Result<std::unique_ptr<runtime::Executor>> executor = model->make_executor(spec);
    if (!executor.ok()) return executor.status();
    executors.push_back(std::move(executor).value());
  }
  if (executors.empty()) return invalid_argument("instance_count must be at least 1");
  return std::shared_ptr<Version>(
      new Version(std::move(model), std::move(spec), std::move(executors), device));
}

}  // namespace skein::engine

#include "engine/version.h"

#include <utility>

namespace skein::engine {

Version::Version(ModelSpec spec, InputMakers makers,
                 std::vector<std::unique_ptr<runtime::Executor>> executors,
                 scheduling::Device& device)
    : makers_(std::move(makers)),
      queue_(std::move(spec), std::move(executors)),
      device_(device),
      target_{{.version = queue_.spec().version,
               .version_text = std::to_string(queue_.spec().version),
               .queue = &queue_,
               .device = &device},
              &makers_} {}

Version::~Version() { drain(); }

Result<std::shared_ptr<Version>> Version::load(runtime::OnnxModel& model, ModelSpec spec,
                                               scheduling::Device& device) {
  Result<InputMakers> makers = InputMakers::create(spec);
  if (!makers.ok()) return makers.status();
  std::vector<std::unique_ptr<runtime::Executor>> executors;
  for (int i = 0; i < spec.instance_count; ++i) {
    ModelSpec own = spec;
    if (!spec.device_ids.empty()) {
      own.execution.device_id = spec.device_ids[static_cast<size_t>(i) % spec.device_ids.size()];
    }
    Result<std::unique_ptr<runtime::Executor>> executor = model.make_executor(own);
    if (!executor.ok()) return executor.status();
    executors.push_back(std::move(executor).value());
  }
  if (executors.empty()) return invalid_argument("instance_count must be at least 1");
  return std::shared_ptr<Version>(
      new Version(std::move(spec), std::move(*makers), std::move(executors), device));
}

}  // namespace skein::engine

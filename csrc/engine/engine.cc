#include "engine/engine.h"

#include <algorithm>
#include <set>
#include <utility>

namespace skein::engine {
namespace {

// Two runs in flight on a GPU let the copies of one overlap the kernels of the other.
constexpr int kWorkersPerGpu = 2;

// A batch that takes no longer is run by the I/O thread that brought it: handing it to another
// thread and back costs more. See docs/performance.md.
constexpr Duration kInlineRun = std::chrono::microseconds(100);

// The device whose idle workers also prepare rows for GPUs.
const std::string kCpu = "cpu";

std::set<int> gpus(const ModelSpec& spec) {
  if (spec.device_ids.empty()) return {spec.execution.device_id};
  return {spec.device_ids.begin(), spec.device_ids.end()};
}

// "gpu-0", or "gpu-0+1" for models that run on both: these share workers, and are fair to each
// other only.
std::string device_name(const ModelSpec& spec) {
  if (!spec.execution.on_gpu()) return kCpu;
  std::string name = "gpu-";
  for (int id : gpus(spec)) name += (name.back() == '-' ? "" : "+") + std::to_string(id);
  return name;
}

}  // namespace

Engine::Engine(const EngineOptions& options)
    : options_(options), request_log_(options.request_log), infer_(options.server.io_threads) {
  methods_.add(std::string(InferHandler::kPath), infer_);
}

Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options) {
  std::unique_ptr<Engine> engine(new Engine(options));
  auto server = transport::Server::create(options.server, engine->methods_);
  if (!server.ok()) return server.status();
  engine->server_ = std::move(server).value();
  return engine;
}

Engine::~Engine() { stop(); }

void Engine::add_method(std::string path, transport::Handler& handler) {
  methods_.add(std::move(path), handler);
}

scheduling::DeviceOptions Engine::device_options(bool gpu) {
  return {.workers = gpu ? kWorkersPerGpu : options_.cpu_workers,
          .inline_run = gpu ? Duration(0) : kInlineRun,
          .rotates_slots = gpu,
          .log = request_log_.enabled() ? &request_log_ : nullptr,
          .crew = gpu ? &device(kCpu, false) : nullptr};
}

scheduling::Device& Engine::device(const std::string& name, bool gpu) {
  auto found = devices_.find(name);
  if (found == devices_.end()) {
    auto made = std::make_unique<scheduling::Device>(name, device_options(gpu), Clock::steady());
    found = devices_.emplace(name, std::move(made)).first;
  }
  return *found->second;
}

scheduling::Device* Engine::device_for(const ModelSpec& spec) {
  bool gpu = spec.execution.on_gpu();
  std::lock_guard lock(mutex_);
  if (stopped_) return nullptr;
  scheduling::Device& found = device(device_name(spec), gpu);
  // All slots of a model can be in flight: those on a GPU wait for it, they do not compute.
  int overlapping = kWorkersPerGpu * static_cast<int>(gpus(spec).size());
  if (gpu) found.add_workers(std::max(spec.instance_count, overlapping));
  return &found;
}

Result<std::shared_ptr<Version>> Engine::load(std::shared_ptr<runtime::OnnxModel> model,
                                              ModelSpec spec) {
  scheduling::Device* device = device_for(spec);
  if (device == nullptr) return unavailable("the server is shutting down");
  return Version::load(*model, std::move(spec), *device);
}

Status Engine::publish(std::vector<Route> routes) {
  std::vector<std::shared_ptr<Version>> versions;
  std::vector<routing::Deployment> deployments;
  for (Route& route : routes) {
    std::vector<routing::WeightedTarget> targets;
    double total = 0;
    for (auto& [version, weight] : route.versions) {
      if (weight < 0) return invalid_argument("route '" + route.name + "' has a negative weight");
      total += weight;
      targets.push_back({&version->target(), weight});
      versions.push_back(std::move(version));
    }
    if (!targets.empty() && total <= 0)
      return invalid_argument("route '" + route.name + "' has no weight at all");
    deployments.emplace_back(std::move(route.name), std::move(targets), std::move(route.reason));
  }
  auto table = std::make_shared<const Table>(
      Table{routing::Snapshot(std::move(deployments)), std::move(versions)});
  std::unique_lock order(publishing_);
  server_->run_on_io_threads(
      [&](int io_thread) { infer_.set_snapshot(io_thread, &table->snapshot); });
  {
    std::lock_guard lock(mutex_);
    table_.swap(table);
  }
  order.unlock();  // what the old table held may take its time to drain
  return {};
}

Result<Body> Engine::infer(Version& version, std::span<const std::byte> message) {
  Result<protocol::RequestHead> head = protocol::read_head(message);
  if (!head.ok()) return head.status();
  TimePoint now = Clock::steady().now();
  Result<Admission> admission = admit(*head, version.target(), now, kNever);
  if (!admission.ok()) return admission.status();
  LocalInference inference;
  Status started = inference.start(message, *head, *admission);
  if (!started.ok()) return started;
  std::future<Result<Body>> result = inference.result();
  scheduling::Device::Submission submission{&inference, &version.queue()};
  version.device().submit({&submission, 1});
  return result.get();
}

std::vector<Engine::VersionSnapshot> Engine::snapshot() const {
  std::shared_ptr<const Table> table;
  {
    std::lock_guard lock(mutex_);
    table = table_;
  }
  std::vector<VersionSnapshot> all;
  if (!table) return all;
  for (const auto& version : table->versions) {
    const ModelSpec& spec = version->spec();
    all.push_back(
        {spec.name, spec.version, spec.padding.enabled(), version->snapshot(), version->latency()});
  }
  return all;
}

void Engine::stop() {
  std::vector<scheduling::Device*> devices;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& [name, device] : devices_) devices.push_back(device.get());
  }
  for (scheduling::Device* device : devices) device->stop();
  if (server_) server_->stop();
}

}  // namespace skein::engine

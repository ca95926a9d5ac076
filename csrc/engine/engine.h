// Composition root of the data plane: transport, methods, routing, devices.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/model_spec.h"
#include "engine/infer_handler.h"
#include "engine/method_table.h"
#include "engine/version.h"
#include "routing/snapshot.h"
#include "runtime/onnx.h"
#include "scheduling/device.h"
#include "telemetry/request_log.h"
#include "transport/server.h"

namespace skein::engine {

struct EngineOptions {
  transport::ServerOptions server;
  int cpu_workers = 1;  // threads that run models on the CPU
  telemetry::RequestLogOptions request_log;
};

// What serves a model name from now on: versions and their weights (not all zero), or nothing
// and the reason, which clients get with UNAVAILABLE.
struct Route {
  std::string name;
  std::vector<std::pair<std::shared_ptr<Version>, double>> versions;
  std::string reason;
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> create(const EngineOptions& options);
  ~Engine();

  // Before the server listens; the handler outlives the engine's stop().
  void add_method(std::string path, transport::Handler& handler);
  transport::Server& server() { return *server_; }

  // Builds slots and queue for a version. Not reachable by clients until published.
  Result<std::shared_ptr<Version>> load(std::shared_ptr<runtime::OnnxModel> model, ModelSpec spec);

  // Replaces the whole routing table; returns when no I/O thread uses the old one.
  Status publish(std::vector<Route> routes);

  // Runs one serialized ModelInferRequest on a version, through its queue; blocks.
  Result<Body> infer(Version& version, std::span<const std::byte> request);

  // The published versions with their statistics.
  struct VersionSnapshot {
    std::string name;
    int64_t version;
    bool padded;  // its specification has padding
    telemetry::ModelSnapshot stats;
    std::vector<scheduling::LatencyModel::Row> latency;
  };
  std::vector<VersionSnapshot> snapshot() const;

  // What was kept of single requests.
  telemetry::RequestLog& request_log() { return request_log_; }

  // Answers what was accepted (see transport::Server::drain), then stop() ends everything:
  // devices first, so that every call still owed an answer gets one, then the I/O threads.
  bool drain(Duration window) { return server_->drain(window); }
  void stop();

 private:
  // A routing snapshot with the versions that it names.
  struct Table {
    routing::Snapshot snapshot;
    std::vector<std::shared_ptr<Version>> versions;
  };

  explicit Engine(const EngineOptions& options);
  // Under the mutex, both; devices stay until the engine goes.
  scheduling::DeviceOptions device_options(bool gpu);
  scheduling::Device& device(const std::string& name, bool gpu);
  // nullptr once stopped.
  scheduling::Device* device_for(const ModelSpec& spec);

  EngineOptions options_;
  telemetry::RequestLog request_log_;
  MethodTable methods_;
  InferHandler infer_;
  std::mutex publishing_;     // one routing table after the other
  mutable std::mutex mutex_;  // table_, devices_ and stopped_
  bool stopped_ = false;
  std::map<std::string, std::unique_ptr<scheduling::Device>> devices_;
  std::shared_ptr<const Table> table_;
  std::unique_ptr<transport::Server> server_;
};

}  // namespace skein::engine

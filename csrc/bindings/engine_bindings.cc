// Version, Route and Engine. Everything that waits, joins or runs a model
// releases the GIL, destructors included.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/error.h"
#include "bindings/python_methods.h"
#include "bindings/released.h"
#include "engine/engine.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using PyVersion = Released<engine::Version>;

struct PyRoute {
  std::string name;
  std::vector<std::pair<std::shared_ptr<engine::Version>, double>> versions;
  std::string reason;
};

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

struct PyEngineOptions {
  engine::EngineOptions engine;
  int python_threads = 2;
};

// Owns the engine and the Python-served methods, in the order in which they must end.
class PyEngine {
 public:
  explicit PyEngine(const PyEngineOptions& options) : python_threads_(options.python_threads) {
    py::gil_scoped_release release;
    auto created = engine::Engine::create(options.engine);
    py::gil_scoped_acquire acquire;
    engine_ = value_or_raise(std::move(created));
  }
  ~PyEngine() { stop(); }

  engine::Engine& engine() { return *engine_; }

  void set_python_methods(std::map<std::string, py::function> methods) {
    if (methods_) raise_unless_ok(failed_precondition("set_python_methods was called before"));
    std::vector<std::string> paths;
    for (const auto& [path, function] : methods) paths.push_back(path);
    methods_ = std::make_unique<PythonMethods>(std::move(methods), python_threads_);
    for (std::string& path : paths) engine_->add_method(std::move(path), *methods_);
  }

  void stop() {
    py::gil_scoped_release release;
    if (methods_) methods_->stop();
    engine_->stop();
  }

 private:
  int python_threads_;
  std::unique_ptr<PythonMethods> methods_;
  std::unique_ptr<engine::Engine> engine_;
};

PyEngineOptions make_options(int io_threads, int cpu_workers, int python_threads,
                             const transport::ServerOptions& limits) {
  PyEngineOptions options{.engine = {.server = limits, .cpu_workers = cpu_workers},
                          .python_threads = python_threads};
  options.engine.server.io_threads = io_threads;
  return options;
}

void bind_options(py::module_& module) {
  const transport::ServerOptions defaults;
  auto seconds_of = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  py::class_<PyEngineOptions>(module, "EngineOptions")
      .def(py::init([](int io_threads, int cpu_workers, int python_threads,
                       int64_t max_message_bytes, int64_t max_inflight_bytes,
                       int64_t max_connection_inflight_bytes, int64_t max_header_list_bytes,
                       int max_concurrent_streams, int max_connections, double handshake_timeout_s,
                       double idle_timeout_s, double max_connection_age_s,
                       double max_connection_age_grace_s, double keepalive_time_s,
                       double keepalive_timeout_s, int max_resets_per_second, double log_slow_s,
                       uint64_t log_sample) {
             transport::ServerOptions limits;
             limits.max_message_bytes = max_message_bytes;
             limits.max_inflight_bytes = max_inflight_bytes;
             limits.max_connection_inflight_bytes = max_connection_inflight_bytes;
             limits.max_header_list_bytes = max_header_list_bytes;
             limits.max_concurrent_streams = max_concurrent_streams;
             limits.max_connections = max_connections;
             limits.handshake_timeout = from_seconds(handshake_timeout_s);
             limits.idle_timeout = from_seconds(idle_timeout_s);
             limits.max_connection_age = from_seconds(max_connection_age_s);
             limits.max_connection_age_grace = from_seconds(max_connection_age_grace_s);
             limits.keepalive_time = from_seconds(keepalive_time_s);
             limits.keepalive_timeout = from_seconds(keepalive_timeout_s);
             limits.max_resets_per_second = max_resets_per_second;
             PyEngineOptions options =
                 make_options(io_threads, cpu_workers, python_threads, limits);
             if (log_slow_s > 0) options.engine.request_log.slow = from_seconds(log_slow_s);
             options.engine.request_log.sample = log_sample;
             return options;
           }),
           py::kw_only(), "io_threads"_a = 1, "cpu_workers"_a = 1, "python_threads"_a = 2,
           "max_message_bytes"_a = defaults.max_message_bytes,
           "max_inflight_bytes"_a = defaults.max_inflight_bytes,
           "max_connection_inflight_bytes"_a = defaults.max_connection_inflight_bytes,
           "max_header_list_bytes"_a = defaults.max_header_list_bytes,
           "max_concurrent_streams"_a = defaults.max_concurrent_streams,
           "max_connections"_a = defaults.max_connections,
           "handshake_timeout_s"_a = seconds_of(defaults.handshake_timeout),
           "idle_timeout_s"_a = seconds_of(defaults.idle_timeout),
           "max_connection_age_s"_a = seconds_of(defaults.max_connection_age),
           "max_connection_age_grace_s"_a = seconds_of(defaults.max_connection_age_grace),
           "keepalive_time_s"_a = seconds_of(defaults.keepalive_time),
           "keepalive_timeout_s"_a = seconds_of(defaults.keepalive_timeout),
           "max_resets_per_second"_a = defaults.max_resets_per_second, "log_slow_s"_a = 0.0,
           "log_sample"_a = 0);
}

py::bytes infer(PyEngine& self, const PyVersion& version, const py::bytes& request) {
  std::string_view message = request;
  auto release = std::make_unique<py::gil_scoped_release>();
  Result<Body> result =
      self.engine().infer(*version.get(), std::as_bytes(std::span(message.data(), message.size())));
  release.reset();
  Body body = value_or_raise(std::move(result));
  std::string joined;
  joined.reserve(body.size());
  for (size_t i = 0; i < body.slice_count(); ++i) joined += body.slice(i).text();
  return joined;
}

void bind_versions(py::module_& module) {
  py::class_<PyVersion>(module, "Version")
      .def_property_readonly("name", [](const PyVersion& self) { return self->spec().name; })
      .def_property_readonly("version", [](const PyVersion& self) { return self->spec().version; })
      .def_property_readonly("latency", [](const PyVersion& self) { return self->latency(); })
      .def(
          "drain", [](const PyVersion& self) { self->drain(); },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "forget_warm_up", [](const PyVersion& self) { self->forget_warm_up(); },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "continue_statistics",
          [](const PyVersion& self, const PyVersion& before) {
            self->continue_statistics(*before.get());
          },
          "before"_a);
  py::class_<PyRoute>(module, "Route")
      .def(py::init([](std::string name, const std::vector<std::pair<py::object, double>>& versions,
                       std::string reason) {
             PyRoute route{std::move(name), {}, std::move(reason)};
             for (const auto& [version, weight] : versions) {
               route.versions.emplace_back(py::cast<const PyVersion&>(version).get(), weight);
             }
             return route;
           }),
           "name"_a, "versions"_a, "reason"_a = "");
}

PyVersion load_version(PyEngine& self, const PyModel& model, const ModelSpec& spec) {
  auto release = std::make_unique<py::gil_scoped_release>();
  auto version = self.engine().load(model.get(), spec);
  release.reset();
  return PyVersion(value_or_raise(std::move(version)));
}

void publish(PyEngine& self, const std::vector<PyRoute>& routes) {
  std::vector<engine::Route> table;
  for (const PyRoute& route : routes) table.push_back({route.name, route.versions, route.reason});
  auto release = std::make_unique<py::gil_scoped_release>();
  Status status = self.engine().publish(std::move(table));
  release.reset();
  raise_unless_ok(status);
}

void bind_stats(py::module_& module) {
  struct Stats {
    transport::ServerStats server;
    uint64_t dropped_requests, lost_records;
  };
  using transport::ServerStats;
  auto of = [](auto ServerStats::*member) {
    return [member](const Stats& stats) { return stats.server.*member; };
  };
  py::class_<Stats>(module, "ServerStats")
      .def_property_readonly("connections", of(&ServerStats::connections))
      .def_property_readonly("connections_total", of(&ServerStats::connections_total))
      .def_property_readonly("connections_refused", of(&ServerStats::connections_refused))
      .def_property_readonly("streams", of(&ServerStats::streams))
      .def_property_readonly("calls_running", of(&ServerStats::calls_running))
      .def_property_readonly("calls_total", of(&ServerStats::calls_total))
      .def_property_readonly("inflight_bytes", of(&ServerStats::inflight_bytes))
      .def_property_readonly("resets_received", of(&ServerStats::resets_received))
      .def_readonly("dropped_requests", &Stats::dropped_requests)
      .def_readonly("lost_records", &Stats::lost_records);
  auto engine = py::reinterpret_borrow<py::class_<PyEngine>>(module.attr("Engine"));
  engine.def("stats", [](PyEngine& self) {
    return Stats{self.engine().server().stats(), scheduling::Request::dropped(),
                 self.engine().request_log().lost()};
  });
}

}  // namespace

void bind_engine(py::module_& module) {
  bind_options(module);
  bind_versions(module);
  py::class_<PyEngine>(module, "Engine")
      .def(py::init<const PyEngineOptions&>(), "options"_a)
      .def(
          "listen_tcp",
          [](PyEngine& self, const std::string& host, int port) {
            return value_or_raise(self.engine().server().listen_tcp(host, port));
          },
          "host"_a, "port"_a)
      .def(
          "listen_unix",
          [](PyEngine& self, const std::string& path) {
            raise_unless_ok(self.engine().server().listen_unix(path));
          },
          "path"_a)
      .def("set_python_methods", &PyEngine::set_python_methods, "methods"_a)
      // A version ends on the engine's devices: the engine outlives it.
      .def("load", &load_version, "model"_a, "spec"_a, py::keep_alive<0, 1>())
      .def("publish", &publish, "routes"_a)
      .def("infer", &infer, "version"_a, "request"_a)
      .def(
          "models", [](PyEngine& self) { return self.engine().snapshot(); },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "take_request_records", [](PyEngine& self) { return self.engine().request_log().take(); },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "drain",
          [](PyEngine& self, double window_s) {
            return self.engine().drain(from_seconds(window_s));
          },
          "window_s"_a, py::call_guard<py::gil_scoped_release>())
      .def("stop", &PyEngine::stop);
  bind_stats(module);
}

}  // namespace skein::bindings

// Statistics as Python sees them: plain copies, taken with the GIL held but no engine lock.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <map>
#include <string>
#include <tuple>

#include "bindings/bindings.h"
#include "engine/engine.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using engine::Engine;
using telemetry::DurationSum;
using telemetry::HistogramSnapshot;
using telemetry::ModelSnapshot;

// Order of telemetry::FailureReason; the names are Triton's.
constexpr std::array<const char*, telemetry::kFailureReasonCount> kReasons = {
    "REJECTED", "CANCELED", "BACKEND", "OTHER"};

// Order of telemetry::Release.
constexpr std::array<const char*, telemetry::kReleaseCount> kReleases = {
    "FULL", "PREFERRED", "IDLE_SLOT", "DELAY", "DEADLINE", "SHAPE_CHANGE"};

// Order of telemetry::Refusal.
constexpr std::array<const char*, telemetry::kRefusalCount> kRefusals = {
    "QUEUE_FULL", "OVERLOAD", "HOPELESS", "EXPIRED", "QUEUE_TIMEOUT"};

template <size_t N>
auto by_name(const std::array<const char*, N>& names,
             std::array<uint64_t, N> ModelSnapshot::*counts) {
  return [&names, counts](const Engine::VersionSnapshot& snapshot) {
    std::map<std::string, uint64_t> counted;
    for (size_t i = 0; i < N; ++i) counted[names[i]] = (snapshot.stats.*counts)[i];
    return counted;
  };
}

auto batches(const Engine::VersionSnapshot& snapshot) {
  std::map<int64_t, std::tuple<DurationSum, DurationSum, DurationSum>> by_rows;
  for (const auto& [rows, sums] : snapshot.stats.batches) {
    by_rows[rows] = {sums.compute_input, sums.compute_infer, sums.compute_output};
  }
  return by_rows;
}

template <class T>
auto stat(T ModelSnapshot::*member) {
  return [member](const Engine::VersionSnapshot& snapshot) { return snapshot.stats.*member; };
}

void bind_latency(py::module_& module) {
  using Row = scheduling::LatencyModel::Row;
  py::class_<Row>(module, "LatencyRow")
      .def_readonly("rows", &Row::rows)
      .def_property_readonly("median_ns", [](const Row& row) { return row.median.count(); })
      .def_property_readonly("high_ns", [](const Row& row) { return row.high.count(); })
      .def_readonly("samples", &Row::samples);
}

}  // namespace

const char* name_of(telemetry::Release release) { return kReleases[static_cast<size_t>(release)]; }

void bind_telemetry(py::module_& module) {
  py::class_<DurationSum>(module, "DurationSum")
      .def_readonly("count", &DurationSum::count)
      .def_readonly("ns", &DurationSum::ns);
  py::class_<HistogramSnapshot>(module, "HistogramSnapshot")
      .def_readonly("count", &HistogramSnapshot::count)
      .def_readonly("sum", &HistogramSnapshot::sum)
      .def("quantile", &HistogramSnapshot::quantile, "q"_a)
      .def("count_up_to", &HistogramSnapshot::count_up_to, "bound"_a);
  bind_latency(module);
  py::class_<Engine::VersionSnapshot>(module, "ModelSnapshot")
      .def_readonly("name", &Engine::VersionSnapshot::name)
      .def_readonly("version", &Engine::VersionSnapshot::version)
      .def_property_readonly("inference_count", stat(&ModelSnapshot::inference_count))
      .def_property_readonly("execution_count", stat(&ModelSnapshot::execution_count))
      .def_property_readonly("last_inference_ms", stat(&ModelSnapshot::last_inference_ms))
      .def_readonly("padded", &Engine::VersionSnapshot::padded)
      .def_property_readonly("input_elements", stat(&ModelSnapshot::input_elements))
      .def_property_readonly("padding_elements", stat(&ModelSnapshot::padding_elements))
      .def_property_readonly("pending", stat(&ModelSnapshot::pending))
      .def_property_readonly("queued", stat(&ModelSnapshot::queued))
      .def_property_readonly("failures", by_name(kReasons, &ModelSnapshot::failures))
      .def_property_readonly("releases", by_name(kReleases, &ModelSnapshot::releases))
      .def_property_readonly("refusals", by_name(kRefusals, &ModelSnapshot::refusals))
      .def_property_readonly("predicted", stat(&ModelSnapshot::predicted))
      .def_property_readonly("actual", stat(&ModelSnapshot::actual))
      .def_property_readonly("predicted_percent", stat(&ModelSnapshot::predicted_percent))
      .def_readonly("latency", &Engine::VersionSnapshot::latency)
      .def_property_readonly("success", stat(&ModelSnapshot::success))
      .def_property_readonly("fail", stat(&ModelSnapshot::fail))
      .def_property_readonly("queue", stat(&ModelSnapshot::queue))
      .def_property_readonly("compute_input", stat(&ModelSnapshot::compute_input))
      .def_property_readonly("compute_infer", stat(&ModelSnapshot::compute_infer))
      .def_property_readonly("compute_output", stat(&ModelSnapshot::compute_output))
      .def_property_readonly("request_ns", stat(&ModelSnapshot::request_ns))
      .def_property_readonly("queue_ns", stat(&ModelSnapshot::queue_ns))
      .def_property_readonly("prepare_ns", stat(&ModelSnapshot::prepare_ns))
      .def_property_readonly("compute_ns", stat(&ModelSnapshot::compute_ns))
      .def_property_readonly("batches", &batches);
}

}  // namespace skein::bindings

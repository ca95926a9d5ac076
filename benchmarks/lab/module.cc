// The ideal server for Python (benchmarks/lab/ideal.py). Times are int64 nanoseconds.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <stdexcept>
#include <utility>
#include <vector>

#include "lab/ideal_server.h"

namespace skein::lab {
namespace {

namespace py = pybind11;
using Nanoseconds = py::array_t<int64_t, py::array::c_style | py::array::forcecast>;

TimePoint at(int64_t ns) { return TimePoint(Duration(ns)); }

// `deadlines` counts from the arrival; 0: none.
std::vector<Arrival> read_arrivals(const Nanoseconds& offsets, const Nanoseconds& deadlines) {
  auto offset = offsets.unchecked<1>();
  auto deadline = deadlines.unchecked<1>();
  if (offset.shape(0) != deadline.shape(0)) {
    throw std::invalid_argument("there must be one deadline per arrival");
  }
  std::vector<Arrival> arrivals;
  for (py::ssize_t i = 0; i < offset.shape(0); ++i) {
    TimePoint sent = at(offset(i));
    if (!arrivals.empty() && sent < arrivals.back().at) {
      throw std::invalid_argument("arrivals must be in ascending order");
    }
    arrivals.push_back({sent, deadline(i) > 0 ? sent + Duration(deadline(i)) : kNever});
  }
  return arrivals;
}

ServiceTimes read_times(const std::vector<std::pair<int64_t, std::vector<int64_t>>>& measured) {
  std::vector<ServiceTimes::Size> sizes;
  for (const auto& [rows, runs] : measured) sizes.push_back({rows, runs});
  return ServiceTimes(std::move(sizes));
}

py::tuple write_answers(const std::vector<Answer>& answers) {
  auto count = static_cast<py::ssize_t>(answers.size());
  py::array_t<int64_t> done(count);
  py::array_t<uint8_t> fate(count);
  py::array_t<int32_t> batch(count);
  for (py::ssize_t i = 0; i < count; ++i) {
    const Answer& answer = answers[static_cast<size_t>(i)];
    done.mutable_at(i) = answer.done.time_since_epoch().count();
    fate.mutable_at(i) = static_cast<uint8_t>(answer.fate);
    batch.mutable_at(i) = answer.batch;
  }
  return py::make_tuple(done, fate, batch);
}

py::tuple simulate(const Nanoseconds& arrivals, const Nanoseconds& deadlines,
                   const std::vector<std::pair<int64_t, std::vector<int64_t>>>& run_times,
                   int slots, int64_t max_batch_size, int64_t max_queue_size,
                   int64_t latency_target, uint64_t seed) {
  if (slots < 1) throw std::invalid_argument("an ideal server has at least one slot");
  ModelSpec spec;
  spec.instance_count = slots;
  spec.max_queue_size = max_queue_size;
  spec.batching.max_batch_size = max_batch_size;
  spec.batching.latency_target = Duration(latency_target);
  std::vector<Arrival> requests = read_arrivals(arrivals, deadlines);
  IdealServer server(spec, read_times(run_times), seed);
  return write_answers(server.serve(requests));
}

}  // namespace
}  // namespace skein::lab

PYBIND11_MODULE(_lab, module) {
  namespace py = pybind11;
  module.def("simulate", &skein::lab::simulate, py::kw_only(), py::arg("arrivals"),
             py::arg("deadlines"), py::arg("run_times"), py::arg("slots"),
             py::arg("max_batch_size"), py::arg("max_queue_size"), py::arg("latency_target"),
             py::arg("seed"));
}

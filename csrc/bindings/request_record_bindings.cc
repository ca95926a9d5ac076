// Records of single requests as Python sees them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>

#include "bindings/bindings.h"
#include "telemetry/request_log.h"

namespace py = pybind11;

namespace skein::bindings {
namespace {

using telemetry::RequestPhases;
using telemetry::RequestRecord;

template <class Bytes>
py::bytes bytes_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
auto text(T RequestRecord::*member) {
  return [member](const RequestRecord& record) { return (record.*member).view(); };
}

auto end_of(Duration RequestPhases::*phase) {
  return [phase](const RequestRecord& record) { return (record.phases.*phase).count(); };
}

double seconds_since_epoch(const RequestRecord& record) {
  return std::chrono::duration<double>(record.arrival.time_since_epoch()).count();
}

}  // namespace

void bind_request_records(py::module_& module) {
  py::class_<RequestRecord>(module, "RequestRecord")
      .def_property_readonly("model", text(&RequestRecord::model))
      .def_readonly("version", &RequestRecord::version)
      .def_property_readonly("id", text(&RequestRecord::id))
      .def_property_readonly("peer", text(&RequestRecord::peer))
      .def_property_readonly(
          "trace_id", [](const RequestRecord& record) { return bytes_of(record.trace.trace_id); })
      .def_property_readonly(
          "span_id", [](const RequestRecord& record) { return bytes_of(record.trace.span_id); })
      .def_property_readonly("trace_sampled",
                             [](const RequestRecord& record) { return record.trace.sampled; })
      .def_property_readonly("status",
                             [](const RequestRecord& record) { return name(record.code); })
      .def_readonly("batch_rows", &RequestRecord::batch_rows)
      .def_readonly("batch_requests", &RequestRecord::batch_requests)
      .def_property_readonly("release",
                             [](const RequestRecord& record) { return name_of(record.release); })
      .def_property_readonly("predicted_ns",
                             [](const RequestRecord& record) { return record.predicted.count(); })
      .def_property_readonly("arrival_s", seconds_since_epoch)
      .def_property_readonly("queued_ns", end_of(&RequestPhases::queued))
      .def_property_readonly("formed_ns", end_of(&RequestPhases::formed))
      .def_property_readonly("preparation_ns",
                             [](const RequestRecord& record) { return record.preparation.count(); })
      .def_property_readonly("prepared_ns", end_of(&RequestPhases::prepared))
      .def_property_readonly("gathered_ns", end_of(&RequestPhases::gathered))
      .def_property_readonly("finished_ns", end_of(&RequestPhases::finished))
      .def_property_readonly("answered_ns", end_of(&RequestPhases::answered));
}

}  // namespace skein::bindings

// The parts of the extension module server._core; its typed face is server/_core.pyi.
#pragma once

#include <pybind11/pybind11.h>

#include "telemetry/model_stats.h"

namespace skein::bindings {

// As the statistics name it, e.g. "IDLE_SLOT".
const char* name_of(telemetry::Release release);

void bind_specs(pybind11::module_& module);
void bind_text(pybind11::module_& module);
void bind_columns(pybind11::module_& module);
void bind_telemetry(pybind11::module_& module);
void bind_request_records(pybind11::module_& module);
void bind_models(pybind11::module_& module);
void bind_images(pybind11::module_& module);
void bind_raw_inputs(pybind11::module_& module);
void bind_engine(pybind11::module_& module);

}  // namespace skein::bindings

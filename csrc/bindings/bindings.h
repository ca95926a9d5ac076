// The parts of the extension module server._core; its typed face is server/_core.pyi.
#pragma once

#include <pybind11/pybind11.h>

namespace skein::bindings {

void bind_specs(pybind11::module_& module);
void bind_telemetry(pybind11::module_& module);
void bind_engine(pybind11::module_& module);

}  // namespace skein::bindings

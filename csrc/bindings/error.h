// The one place where a Status becomes a Python exception and back.
#pragma once

#include <pybind11/pybind11.h>

#include "base/status.h"

namespace skein::bindings {

// Adds CoreError(code, message) to the module.
void bind_error(pybind11::module_& module);

// Raises CoreError unless the status is OK. The GIL is held.
void raise_unless_ok(const Status& status);

template <class T>
T value_or_raise(Result<T> result) {
  if (!result.ok()) raise_unless_ok(result.status());
  return std::move(result).value();
}

// What a Python exception means as a status: CoreError keeps its code, anything else is INTERNAL.
Status status_of(pybind11::error_already_set& error);

}  // namespace skein::bindings

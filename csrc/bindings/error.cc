#include "bindings/error.h"

#include <pybind11/eval.h>

#include <string>

namespace py = pybind11;

namespace skein::bindings {
namespace {

// Lives as long as the interpreter: a module is never unloaded.
PyObject* core_error = nullptr;

constexpr const char* kDefinition = R"(
class CoreError(Exception):
    """A status from the engine; `code` is a gRPC status name such as "INVALID_ARGUMENT"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
)";

Code code_from_name(const std::string& text) {
  for (int i = 1; i < kCodeCount; ++i) {
    if (name(static_cast<Code>(i)) == text) return static_cast<Code>(i);
  }
  return Code::kInternal;
}

}  // namespace

void bind_error(py::module_& module) {
  py::dict scope;
  scope["__builtins__"] = py::module_::import("builtins");
  scope["__name__"] = module.attr("__name__");
  py::exec(kDefinition, scope);
  py::object type = scope["CoreError"];
  core_error = type.inc_ref().ptr();
  module.attr("CoreError") = type;
}

void raise_unless_ok(const Status& status) {
  if (status.ok()) return;
  py::object error = py::handle(core_error)(std::string(name(status.code())), status.message());
  PyErr_SetObject(core_error, error.ptr());
  throw py::error_already_set();
}

Status status_of(py::error_already_set& error) try {
  if (error.matches(py::handle(core_error))) {
    return {code_from_name(py::cast<std::string>(error.value().attr("code"))),
            py::cast<std::string>(error.value().attr("message"))};
  }
  std::string what = error.what();
  return internal(what.substr(0, what.find('\n')));
} catch (const std::exception& unreadable) {  // a code or message that is no proper text
  return internal(unreadable.what());
}

}  // namespace skein::bindings

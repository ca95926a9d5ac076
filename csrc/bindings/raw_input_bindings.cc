// RawGroup as Python makes it: what clients send in place of tensors, and how these are made.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <utility>

#include "base/model_spec.h"
#include "bindings/bindings.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using Ways = std::vector<std::vector<uint32_t>>;

template <class How>
auto constructor() {
  return py::init([](std::vector<uint32_t> makes, Ways ways, const How& how) {
    return RawGroup{std::move(makes), std::move(ways), std::make_shared<const How>(how)};
  });
}

}  // namespace

void bind_raw_inputs(py::module_& module) {
  py::class_<TextSource>(module, "TextSource")
      .def(py::init([](const TextSpec& spec, const py::bytes& tokenizer) {
             return TextSource{spec, tokenizer};
           }),
           "spec"_a, "tokenizer"_a);
  py::class_<RawGroup>(module, "RawGroup")
      .def(constructor<ImageSpec>(), "makes"_a, "ways"_a, "how"_a)
      .def(constructor<ColumnsSpec>(), "makes"_a, "ways"_a, "how"_a)
      .def(constructor<TextSource>(), "makes"_a, "ways"_a, "how"_a);
}

}  // namespace skein::bindings

// Runtime and Model. Everything that loads or runs a model releases the GIL.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/error.h"
#include "bindings/released.h"
#include "runtime/timing.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

// Shape and raw bytes of one tensor, as Python passes and gets them.
using PyTensor = std::pair<std::vector<int64_t>, py::bytes>;

// Calls without the GIL what returns a Result.
template <class Function>
auto unlocked(Function function) {
  auto release = std::make_unique<py::gil_scoped_release>();
  auto result = function();
  release.reset();
  return value_or_raise(std::move(result));
}

// One item that sees the bytes of `tensors`.
class PyBatch {
 public:
  PyBatch(const ModelSpec& spec, const std::vector<PyTensor>& tensors) {
    if (tensors.size() != spec.inputs.size()) {
      raise_unless_ok(invalid_argument("expected " + std::to_string(spec.inputs.size()) +
                                       " inputs, got " + std::to_string(tensors.size())));
    }
    for (size_t i = 0; i < tensors.size(); ++i) views_.push_back(view(spec.inputs[i], tensors[i]));
    batch_.rows = spec.batched() ? views_.front().shape[0] : 1;
    batch_.items.push_back({views_, batch_.rows});
  }
  const runtime::Batch& get() const { return batch_; }

 private:
  static TensorView view(const TensorSpec& spec, const PyTensor& tensor) {
    const auto& [dims, bytes] = tensor;
    if (dims.size() != spec.dims.rank()) {
      raise_unless_ok(invalid_argument("input '" + spec.name + "' has " +
                                       std::to_string(spec.dims.rank()) + " dimensions, got " +
                                       std::to_string(dims.size())));
    }
    std::string_view text = bytes;
    return {spec.dtype, Shape(dims), reinterpret_cast<const std::byte*>(text.data()), text.size()};
  }

  std::vector<TensorView> views_;
  runtime::Batch batch_;
};

// Slots of a model, for runs outside the server. They keep the model.
struct PySlots {
  std::shared_ptr<runtime::OnnxModel> model;
  ModelSpec spec;
  std::vector<std::unique_ptr<runtime::Executor>> executors;

  ~PySlots() {
    py::gil_scoped_release release;
    executors.clear();
    model.reset();
  }
};

std::unique_ptr<PySlots> make_slots(const PyModel& self, const ModelSpec& spec, int count) {
  if (count < 1) raise_unless_ok(invalid_argument("a model needs at least one slot"));
  auto slots = std::make_unique<PySlots>();
  slots->model = self.get();
  slots->spec = spec;
  for (int i = 0; i < count; ++i) {
    slots->executors.push_back(unlocked([&] { return slots->model->make_executor(spec); }));
  }
  return slots;
}

std::vector<PyTensor> run(PySlots& self, const std::vector<PyTensor>& inputs) {
  PyBatch batch(self.spec, inputs);
  auto outputs = unlocked([&] { return runtime::run_once(*self.executors.front(), batch.get()); });
  std::vector<PyTensor> tensors;
  for (const runtime::OutputTensor& output : outputs) {
    const TensorView& view = output.view;
    tensors.emplace_back(std::vector<int64_t>(view.shape.begin(), view.shape.end()),
                         py::bytes(reinterpret_cast<const char*>(view.data), view.size));
  }
  return tensors;
}

std::vector<int64_t> time_runs(PySlots& self, const std::vector<PyTensor>& inputs, double seconds) {
  PyBatch batch(self.spec, inputs);
  auto window = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  auto times = unlocked([&] { return runtime::time_runs(self.executors, batch.get(), window); });
  std::vector<int64_t> nanoseconds;
  for (Duration time : times) nanoseconds.push_back(time.count());
  return nanoseconds;
}

}  // namespace

void bind_models(py::module_& module) {
  py::class_<PyRuntime>(module, "Runtime")
      .def(py::init([](const std::string& library) {
             return PyRuntime(value_or_raise(runtime::OnnxRuntime::open(library)));
           }),
           "library"_a)
      .def_property_readonly("version", [](const PyRuntime& self) { return self->version(); })
      .def_property_readonly("providers", [](const PyRuntime& self) { return self->providers(); })
      .def(
          "open",
          [](const PyRuntime& self, const std::string& path, const ExecutionSpec& execution,
             int concurrent_runs) {
            return PyModel(unlocked([&] {
              return runtime::OnnxModel::load(self.get(), path, execution, concurrent_runs);
            }));
          },
          "path"_a, "execution"_a, "concurrent_runs"_a);
  py::class_<PyModel>(module, "Model")
      .def_property_readonly("inputs", [](const PyModel& self) { return self->inputs(); })
      .def_property_readonly("outputs", [](const PyModel& self) { return self->outputs(); })
      .def("probe_batching",
           [](const PyModel& self) { return unlocked([&] { return self->probe_batching(); }); })
      .def("end_profiling",
           [](const PyModel& self) { return unlocked([&] { return self->end_profiling(); }); })
      .def("make_slots", &make_slots, "spec"_a, "count"_a);
  py::class_<PySlots>(module, "Slots")
      .def("run", &run, "inputs"_a)
      .def("time_runs", &time_runs, "inputs"_a, "seconds"_a);
}

}  // namespace skein::bindings

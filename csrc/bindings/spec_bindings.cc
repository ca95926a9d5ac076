// TensorSpec, ExecutionSpec, QueuePolicy, Padding and ModelSpec as Python sees them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "base/model_spec.h"
#include "bindings/bindings.h"
#include "bindings/error.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

TensorSpec make_tensor_spec(std::string tensor_name, const std::string& datatype,
                            const std::vector<int64_t>& dims) {
  std::optional<DType> dtype = dtype_from_name(datatype);
  if (!dtype) {
    raise_unless_ok(
        invalid_argument("tensor '" + tensor_name + "' has unknown datatype '" + datatype + "'"));
  }
  if (dims.size() > kMaxRank) {
    raise_unless_ok(invalid_argument("tensor '" + tensor_name + "' has " +
                                     std::to_string(dims.size()) + " dimensions; at most " +
                                     std::to_string(kMaxRank) + " are supported"));
  }
  return {std::move(tensor_name), *dtype, Shape(dims)};
}

std::vector<int64_t> dims_of(const TensorSpec& spec) {
  return {spec.dims.begin(), spec.dims.end()};
}

void bind_tensor_spec(py::module_& module) {
  py::class_<TensorSpec>(module, "TensorSpec")
      .def(py::init(&make_tensor_spec), "name"_a, "datatype"_a, "dims"_a)
      .def_readonly("name", &TensorSpec::name)
      .def_property_readonly("datatype",
                             [](const TensorSpec& s) { return std::string(name(s.dtype)); })
      .def_property_readonly("dims", &dims_of);
}

void bind_execution_spec(py::module_& module) {
  py::class_<ExecutionSpec>(module, "ExecutionSpec")
      .def(py::init([](std::string provider, std::map<std::string, std::string> options,
                       int intra_op_threads, int inter_op_threads, int optimization_level,
                       int device_id, bool cuda_graph, std::string profile_prefix) {
             return ExecutionSpec{std::move(provider), std::move(options),       intra_op_threads,
                                  inter_op_threads,    optimization_level,       device_id,
                                  cuda_graph,          std::move(profile_prefix)};
           }),
           "provider"_a = "cpu", "options"_a = std::map<std::string, std::string>{},
           "intra_op_threads"_a = 1, "inter_op_threads"_a = 1, "optimization_level"_a = 99,
           "device_id"_a = 0, "cuda_graph"_a = false, "profile_prefix"_a = "")
      .def_readonly("provider", &ExecutionSpec::provider)
      .def_readonly("options", &ExecutionSpec::options)
      .def_readonly("intra_op_threads", &ExecutionSpec::intra_op_threads)
      .def_readonly("inter_op_threads", &ExecutionSpec::inter_op_threads)
      .def_readonly("optimization_level", &ExecutionSpec::optimization_level)
      .def_readonly("device_id", &ExecutionSpec::device_id);
}

void check_index(uint32_t index, size_t count) {
  if (index >= count) raise_unless_ok(invalid_argument("a raw group lacks an input"));
}

// The engine relies on it.
void check_raw_groups(const ModelSpec& spec) {
  for (const RawGroup& group : spec.raw_groups) {
    check_index(0, std::min(group.makes.size(), group.ways.size()));
    for (uint32_t made : group.makes) check_index(made, spec.inputs.size());
    for (const std::vector<uint32_t>& way : group.ways) {
      for (uint32_t raw : way) check_index(raw, spec.raw_inputs.size());
    }
  }
}

ModelSpec make_model_spec(std::string model_name, int64_t version, std::vector<TensorSpec> inputs,
                          std::vector<TensorSpec> outputs, ExecutionSpec execution,
                          int64_t max_batch_size, bool dynamic_batching,
                          std::vector<int64_t> preferred_batch_sizes, int64_t max_queue_delay_us,
                          int64_t latency_target_us, int instance_count,
                          std::vector<int> device_ids, int64_t max_queue_size,
                          PrioritySpec priority, bool preserve_ordering, double weight,
                          PaddingSpec padding, std::vector<int64_t> warm_batch_sizes,
                          std::vector<PostprocessSpec> postprocess,
                          std::vector<TensorSpec> raw_inputs, std::vector<RawGroup> raw_groups) {
  if (!postprocess.empty() && postprocess.size() != outputs.size()) {
    raise_unless_ok(invalid_argument("postprocess: expected one for each of the " +
                                     std::to_string(outputs.size()) + " outputs, got " +
                                     std::to_string(postprocess.size())));
  }
  ModelSpec spec;
  spec.name = std::move(model_name);
  spec.version = version;
  spec.inputs = std::move(inputs);
  spec.outputs = std::move(outputs);
  spec.execution = std::move(execution);
  spec.batching = {.max_batch_size = max_batch_size,
                   .dynamic = dynamic_batching,
                   .preferred_batch_sizes = std::move(preferred_batch_sizes),
                   .warm_batch_sizes = std::move(warm_batch_sizes),
                   .max_queue_delay = std::chrono::microseconds(max_queue_delay_us),
                   .latency_target = std::chrono::microseconds(latency_target_us)};
  spec.instance_count = instance_count;
  spec.device_ids = std::move(device_ids);
  spec.max_queue_size = max_queue_size;
  spec.priority = std::move(priority);
  spec.preserve_ordering = preserve_ordering;
  spec.weight = weight;
  spec.padding = std::move(padding);
  spec.postprocess = std::move(postprocess);
  spec.raw_inputs = std::move(raw_inputs);
  spec.raw_groups = std::move(raw_groups);
  check_raw_groups(spec);
  return spec;
}

void bind_queue_policies(py::module_& module) {
  py::class_<QueuePolicy>(module, "QueuePolicy")
      .def(py::init([](int64_t timeout_us, bool delays, bool timeout_override, int64_t max_size) {
             return QueuePolicy{std::chrono::microseconds(timeout_us), delays, timeout_override,
                                max_size};
           }),
           py::kw_only(), "timeout_us"_a = 0, "delays"_a = false, "timeout_override"_a = false,
           "max_size"_a = 0);
  py::class_<PrioritySpec>(module, "Priority")
      .def(py::init([](int levels, int default_level, std::vector<QueuePolicy> policies) {
             return PrioritySpec{levels, default_level, std::move(policies)};
           }),
           py::kw_only(), "levels"_a = 0, "default_level"_a = 0,
           "policies"_a = std::vector<QueuePolicy>{});
}

void bind_padding(py::module_& module) {
  py::class_<PaddingSpec>(module, "Padding")
      .def(py::init([](const std::map<uint32_t, double>& inputs, int mask,
                       std::vector<uint32_t> outputs, std::vector<int64_t> buckets) {
             PaddingSpec padding{{}, mask, std::move(outputs), std::move(buckets)};
             for (auto [index, value] : inputs) padding.inputs.push_back({index, value});
             return padding;
           }),
           py::kw_only(), "inputs"_a, "mask"_a = -1, "outputs"_a = std::vector<uint32_t>{},
           "buckets"_a = std::vector<int64_t>{});
}

void bind_postprocess(py::module_& module) {
  py::class_<PostprocessSpec>(module, "Postprocess")
      .def(py::init([](bool softmax, std::vector<std::string> labels) {
             PostprocessSpec spec{.softmax = softmax, .labels = {}};
             if (labels.empty()) return spec;
             spec.labels = std::make_shared<const std::vector<std::string>>(std::move(labels));
             return spec;
           }),
           py::kw_only(), "softmax"_a = false, "labels"_a = std::vector<std::string>{});
}

}  // namespace

void bind_specs(py::module_& module) {
  bind_tensor_spec(module);
  bind_execution_spec(module);
  bind_queue_policies(module);
  bind_padding(module);
  bind_postprocess(module);
  py::class_<ModelSpec>(module, "ModelSpec")
      .def(py::init(&make_model_spec), py::kw_only(), "name"_a, "version"_a, "inputs"_a,
           "outputs"_a, "execution"_a, "max_batch_size"_a = 0, "dynamic_batching"_a = true,
           "preferred_batch_sizes"_a = std::vector<int64_t>{}, "max_queue_delay_us"_a = 0,
           "latency_target_us"_a = 0, "instance_count"_a = 1, "device_ids"_a = std::vector<int>{},
           "max_queue_size"_a = 1024, "priority"_a = PrioritySpec{}, "preserve_ordering"_a = false,
           "weight"_a = 1.0, "padding"_a = PaddingSpec{},
           "warm_batch_sizes"_a = std::vector<int64_t>{},
           "postprocess"_a = std::vector<PostprocessSpec>{},
           "raw_inputs"_a = std::vector<TensorSpec>{}, "raw_groups"_a = std::vector<RawGroup>{})
      .def_readonly("name", &ModelSpec::name)
      .def_readonly("version", &ModelSpec::version);
}

}  // namespace skein::bindings

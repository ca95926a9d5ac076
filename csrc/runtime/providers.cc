#include "runtime/providers.h"

#include <algorithm>
#include <array>

#include "runtime/openvino_config.h"

namespace skein::runtime {
namespace {

using Options = std::map<std::string, std::string>;

struct Provider {
  const char* name;
  const char* ort_name;
};
constexpr std::array<Provider, 4> kProviders{{{"cpu", "CPUExecutionProvider"},
                                              {"openvino", "OpenVINOExecutionProvider"},
                                              {"cuda", "CUDAExecutionProvider"},
                                              {"tensorrt", "TensorrtExecutionProvider"}}};

constexpr const char* kStream = "user_compute_stream";

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The two parallel arrays that the C API takes; they see the map's strings.
struct KeysAndValues {
  explicit KeysAndValues(const Options& options) {
    for (const auto& [key, value] : options) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
  }
  std::vector<const char*> keys;
  std::vector<const char*> values;
};

Status append_openvino(OrtSessionOptions* options, const ExecutionSpec& execution,
                       int concurrent_runs) {
  Result<Options> completed = openvino_options(execution, concurrent_runs);
  if (!completed.ok()) return completed.status();
  KeysAndValues pairs(*completed);
  return take(ort().SessionOptionsAppendExecutionProvider_OpenVINO_V2(
      options, pairs.keys.data(), pairs.values.data(), pairs.keys.size()));
}

Options with_device(const ExecutionSpec& execution) {
  Options options = execution.options;
  options["device_id"] = std::to_string(execution.device_id);
  return options;
}

Status append_cuda(OrtSessionOptions* options, const Options& provider_options, void* stream) {
  OrtCUDAProviderOptionsV2* created = nullptr;
  if (Status status = take(ort().CreateCUDAProviderOptions(&created)); !status.ok()) return status;
  Handle<OrtCUDAProviderOptionsV2> cuda(created);
  KeysAndValues pairs(provider_options);
  if (Status status = take(ort().UpdateCUDAProviderOptions(created, pairs.keys.data(),
                                                           pairs.values.data(), pairs.keys.size()));
      !status.ok()) {
    return status;
  }
  if (Status status = take(ort().UpdateCUDAProviderOptionsWithValue(created, kStream, stream));
      !status.ok()) {
    return status;
  }
  return take(ort().SessionOptionsAppendExecutionProvider_CUDA_V2(options, created));
}

// CUDA comes second: it runs the nodes that TensorRT does not take.
Status append_tensorrt(OrtSessionOptions* options, const ExecutionSpec& execution, void* stream) {
  OrtTensorRTProviderOptionsV2* created = nullptr;
  if (Status status = take(ort().CreateTensorRTProviderOptions(&created)); !status.ok()) {
    return status;
  }
  Handle<OrtTensorRTProviderOptionsV2> tensorrt(created);
  Options provider_options = with_device(execution);
  KeysAndValues pairs(provider_options);
  if (Status status = take(ort().UpdateTensorRTProviderOptions(
          created, pairs.keys.data(), pairs.values.data(), pairs.keys.size()));
      !status.ok()) {
    return status;
  }
  if (Status status = take(ort().UpdateTensorRTProviderOptionsWithValue(created, kStream, stream));
      !status.ok()) {
    return status;
  }
  if (Status status =
          take(ort().SessionOptionsAppendExecutionProvider_TensorRT_V2(options, created));
      !status.ok()) {
    return status;
  }
  return append_cuda(options, {{"device_id", provider_options["device_id"]}}, stream);
}

Options cuda_options(const ExecutionSpec& execution) {
  Options options = with_device(execution);
  if (execution.cuda_graph) options["enable_cuda_graph"] = "1";
  return options;
}

Status append(OrtSessionOptions* options, const ExecutionSpec& execution, int concurrent_runs,
              void* stream) {
  if (execution.provider == "openvino") return append_openvino(options, execution, concurrent_runs);
  if (execution.provider == "cuda") return append_cuda(options, cuda_options(execution), stream);
  if (execution.provider == "tensorrt") return append_tensorrt(options, execution, stream);
  if (execution.options.empty()) return {};
  return invalid_argument("execution provider 'cpu' takes no options; remove '" +
                          execution.options.begin()->first + "'");
}

}  // namespace

std::vector<std::string> available_providers() {
  char** names = nullptr;
  int count = 0;
  std::vector<std::string> available;
  if (!take(ort().GetAvailableProviders(&names, &count)).ok()) return available;
  for (const Provider& provider : kProviders) {
    if (std::find(names, names + count, std::string_view(provider.ort_name)) != names + count) {
      available.emplace_back(provider.name);
    }
  }
  Handle<OrtStatus> released(ort().ReleaseAvailableProviders(names, count));
  return available;
}

Status check_available(const std::string& name) {
  auto known = std::find_if(kProviders.begin(), kProviders.end(),
                            [&](const Provider& provider) { return name == provider.name; });
  if (known == kProviders.end()) {
    return invalid_argument("unknown execution provider '" + name +
                            "': expected cpu, openvino, cuda or tensorrt");
  }
  std::vector<std::string> available = available_providers();
  if (std::find(available.begin(), available.end(), name) != available.end()) return {};
  return failed_precondition(
      "execution provider '" + name +
      "' is not in this build of ONNX Runtime; available: " + joined(available));
}

Status append_provider(OrtSessionOptions* options, const ExecutionSpec& execution,
                       int concurrent_runs, void* stream) {
  Status status = append(options, execution, concurrent_runs, stream);
  if (status.ok() || status.code() == Code::kInvalidArgument) return status;
  return failed_precondition("execution provider '" + execution.provider +
                             "' cannot be used: " + status.message());
}

}  // namespace skein::runtime

#include "runtime/openvino_config.h"

#include "runtime/json_object.h"

namespace skein::runtime {
namespace {

constexpr const char* kCpu = "\"CPU\"";

// load_config overrides the provider's own options, so what these set is left out of it.
JsonObject cpu_defaults(const std::map<std::string, std::string>& options, int threads_per_run,
                        int concurrent_runs) {
  JsonObject defaults{{"\"ENABLE_CPU_PINNING\"", "\"NO\""}};
  if (!options.contains("num_of_threads")) {
    defaults["\"INFERENCE_NUM_THREADS\""] = std::to_string(threads_per_run * concurrent_runs);
  }
  if (!options.contains("num_streams")) {
    defaults["\"NUM_STREAMS\""] = std::to_string(concurrent_runs);
  }
  return defaults;
}

Status malformed(const std::string& text) {
  return invalid_argument(
      "OpenVINO option load_config is not a JSON object of objects: expected e.g. "
      "{\"CPU\": {\"INFERENCE_PRECISION_HINT\": \"bf16\"}}, got '" +
      text + "'");
}

// `text` with the defaults added under "CPU".
Result<std::string> completed(const std::string& text, const JsonObject& defaults) {
  std::optional<JsonObject> devices = parse_json_object(text);
  if (!devices) return malformed(text);
  JsonObject cpu;
  if (auto given = devices->find(kCpu); given != devices->end()) {
    std::optional<JsonObject> parsed = parse_json_object(given->second);
    if (!parsed) return malformed(text);
    cpu = *parsed;
  }
  cpu.insert(defaults.begin(), defaults.end());
  (*devices)[kCpu] = to_string(cpu);
  return to_string(*devices);
}

}  // namespace

Result<std::map<std::string, std::string>> openvino_options(const ExecutionSpec& execution,
                                                            int concurrent_runs) {
  std::map<std::string, std::string> options = execution.options;
  options.emplace("device_type", "CPU");
  if (options["device_type"] != "CPU") return options;
  JsonObject defaults = cpu_defaults(options, execution.intra_op_threads, concurrent_runs);
  std::string& config = options.emplace("load_config", "{}").first->second;
  Result<std::string> merged = completed(config, defaults);
  if (!merged.ok()) return merged.status();
  config = *merged;
  return options;
}

}  // namespace skein::runtime

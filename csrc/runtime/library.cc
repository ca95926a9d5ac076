// Opening libonnxruntime.so.* and the process's one environment.
#include <dlfcn.h>

#include <filesystem>
#include <mutex>

#include "runtime/log.h"
#include "runtime/onnx.h"
#include "runtime/ort.h"
#include "runtime/providers.h"
#include "runtime/session.h"

namespace skein::runtime {
namespace {

class Library final : public OnnxRuntime {
 public:
  Library(std::string path, std::string version, OrtEnv* env)
      : path_(std::move(path)), version_(std::move(version)), env_(env) {}
  std::string version() const override { return version_; }
  std::vector<std::string> providers() const override { return available_providers(); }
  const std::string& path() const { return path_; }
  OrtEnv* env() const { return env_; }

 private:
  std::string path_;
  std::string version_;
  OrtEnv* env_;  // lives as long as the process, like the library itself
};

std::string same_file_key(const std::string& path) {
  std::error_code error;
  std::filesystem::path canonical = std::filesystem::canonical(path, error);
  return error ? path : canonical.string();
}

Result<const OrtApiBase*> load_api_base(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return failed_precondition("cannot load ONNX Runtime: " + std::string(dlerror()));
  }
  using GetApiBase = const OrtApiBase*(ORT_API_CALL*)();
  auto get = reinterpret_cast<GetApiBase>(dlsym(handle, "OrtGetApiBase"));
  if (get == nullptr) {
    dlclose(handle);
    return failed_precondition("'" + path +
                               "' is not ONNX Runtime: it has no symbol OrtGetApiBase");
  }
  return get();
}

Result<std::shared_ptr<Library>> load_library(const std::string& path) {
  Result<const OrtApiBase*> base = load_api_base(path);
  if (!base.ok()) return base.status();
  std::string version = (*base)->GetVersionString();
  const OrtApi* api = (*base)->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return failed_precondition("ONNX Runtime " + version + " in '" + path +
                               "' is too old: expected 1." + std::to_string(ORT_API_VERSION) +
                               " or newer");
  }
  set_ort(api);
  OrtEnv* env = nullptr;
  Status status = take(ort().CreateEnvWithCustomLogger(&receive_log, nullptr,
                                                       ORT_LOGGING_LEVEL_WARNING, "skein", &env));
  if (!status.ok()) return status;
  return std::make_shared<Library>(path, std::move(version), env);
}

// Never destroyed: sessions may outlive static destruction.
struct Opened {
  std::mutex mutex;
  std::shared_ptr<Library> library;
};
Opened& opened() {
  static Opened* instance = new Opened;
  return *instance;
}

}  // namespace

OrtEnv* environment() { return opened().library->env(); }

Result<std::shared_ptr<OnnxRuntime>> OnnxRuntime::open(const std::string& library) {
  std::string path = same_file_key(library);
  std::lock_guard lock(opened().mutex);
  if (opened().library == nullptr) {
    Result<std::shared_ptr<Library>> loaded = load_library(path);
    if (!loaded.ok()) return loaded.status();
    opened().library = *loaded;
  } else if (opened().library->path() != path) {
    return failed_precondition("ONNX Runtime is already loaded from '" + opened().library->path() +
                               "'; a process cannot also load '" + path + "'");
  }
  return std::shared_ptr<OnnxRuntime>(opened().library);
}

}  // namespace skein::runtime

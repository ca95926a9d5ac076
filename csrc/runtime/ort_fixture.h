// ONNX Runtime's API with some calls counted, and runs with CUDA graphs that fail. Tests only.
#pragma once

#include <atomic>
#include <cstring>
#include <set>

#include "runtime/ort.h"

namespace skein::runtime {

// Stands in for the loaded API while it lives. The CPU provider ignores the ids of graphs: runs
// that would capture or replay one are only told from others.
class FakeOrt {
 public:
  FakeOrt() : fake_(ort()) {
    real_ = &ort();
    with_graph_.clear();
    fail_graph = false;
    graph_runs = released_sessions = provider_lookups = 0;
    fake_.AddRunConfigEntry = add_run_config_entry;
    fake_.RunWithBinding = run_with_binding;
    fake_.ReleaseSession = release_session;
    fake_.GetAvailableProviders = get_available_providers;
    set_ort(&fake_);
  }
  ~FakeOrt() { set_ort(real_); }

  static inline std::atomic<bool> fail_graph;  // of the next run with a graph
  static inline std::atomic<int> graph_runs, released_sessions, provider_lookups;

 private:
  static OrtStatus* add_run_config_entry(OrtRunOptions* options, const char* key,
                                         const char* value) noexcept {
    if (std::strcmp(key, "gpu_graph_id") == 0) {
      with_graph_.erase(options);  // of others that lay there before
      if (std::strcmp(value, "-1") != 0) with_graph_.insert(options);
    }
    return real_->AddRunConfigEntry(options, key, value);
  }
  static OrtStatus* run_with_binding(OrtSession* session, const OrtRunOptions* options,
                                     const OrtIoBinding* binding) noexcept {
    bool graph = with_graph_.contains(options);
    if (graph) ++graph_runs;
    if (graph && fail_graph.exchange(false)) return real_->CreateStatus(ORT_FAIL, "no capture");
    return real_->RunWithBinding(session, options, binding);
  }
  static void release_session(OrtSession* session) noexcept {
    ++released_sessions;
    real_->ReleaseSession(session);
  }
  static OrtStatus* get_available_providers(char*** names, int* count) noexcept {
    ++provider_lookups;
    return real_->GetAvailableProviders(names, count);
  }

  static inline const OrtApi* real_ = nullptr;
  static inline std::set<const OrtRunOptions*> with_graph_;
  OrtApi fake_;
};

}  // namespace skein::runtime

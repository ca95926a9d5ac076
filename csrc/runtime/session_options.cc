#include "runtime/session_options.h"

#include "runtime/providers.h"

namespace skein::runtime {
namespace {

Result<GraphOptimizationLevel> optimization_level(int level) {
  switch (level) {
    case 0:
      return ORT_DISABLE_ALL;
    case 1:
      return ORT_ENABLE_BASIC;
    case 2:
      return ORT_ENABLE_EXTENDED;
    case 99:
      return ORT_ENABLE_ALL;
    default:
      return invalid_argument("optimization level " + std::to_string(level) +
                              " is unknown: expected 0, 1, 2 or 99");
  }
}

Status set_threads(OrtSessionOptions* options, const ExecutionSpec& execution) {
  if (execution.intra_op_threads < 1 || execution.inter_op_threads < 1) {
    return invalid_argument("thread counts must be at least 1, got intra_op_threads " +
                            std::to_string(execution.intra_op_threads) + ", inter_op_threads " +
                            std::to_string(execution.inter_op_threads));
  }
  Status status = take(ort().SetIntraOpNumThreads(options, execution.intra_op_threads));
  if (!status.ok()) return status;
  status = take(ort().SetInterOpNumThreads(options, execution.inter_op_threads));
  if (!status.ok()) return status;
  ExecutionMode mode = execution.inter_op_threads > 1 ? ORT_PARALLEL : ORT_SEQUENTIAL;
  return take(ort().SetSessionExecutionMode(options, mode));
}

// A spinning pool takes whole cores from the I/O threads.
Status disable_spinning(OrtSessionOptions* options) {
  Status status =
      take(ort().AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"));
  if (!status.ok()) return status;
  return take(ort().AddSessionConfigEntry(options, "session.inter_op.allow_spinning", "0"));
}

// Memory patterns are kept for every distinct input shape for ever, so clients that vary a dynamic
// dimension would grow the process without end; turning them off costs nothing measurable.
Status disable_memory_patterns(OrtSessionOptions* options) {
  return take(ort().DisableMemPattern(options));
}

Status enable_profiling(OrtSessionOptions* options, const std::string& prefix) {
  if (prefix.empty()) return {};
  return take(ort().EnableProfiling(options, prefix.c_str()));
}

}  // namespace

Result<Handle<OrtSessionOptions>> make_session_options(const ExecutionSpec& execution,
                                                       int concurrent_runs, void* stream) {
  OrtSessionOptions* created = nullptr;
  Status status = take(ort().CreateSessionOptions(&created));
  if (!status.ok()) return status;
  Handle<OrtSessionOptions> options(created);
  Result<GraphOptimizationLevel> level = optimization_level(execution.optimization_level);
  if (!level.ok()) return level.status();
  status = take(ort().SetSessionGraphOptimizationLevel(created, *level));
  if (!status.ok()) return status;
  if (status = set_threads(created, execution); !status.ok()) return status;
  if (status = disable_spinning(created); !status.ok()) return status;
  if (status = disable_memory_patterns(created); !status.ok()) return status;
  if (status = enable_profiling(created, execution.profile_prefix); !status.ok()) return status;
  status = append_provider(created, execution, concurrent_runs, stream);
  if (!status.ok()) return status;
  return options;
}

}  // namespace skein::runtime

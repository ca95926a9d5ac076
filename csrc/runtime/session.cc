#include "runtime/session.h"

#include "runtime/batching_probe.h"
#include "runtime/log.h"
#include "runtime/onnx_executor.h"
#include "runtime/session_options.h"

namespace skein::runtime {
namespace {

// No exception leaves this folder; what remains to be caught is lack of memory.
template <class Function>
auto caught(Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::exception& error) {
    return internal(std::string("ONNX Runtime model: ") + error.what());
  }
}

std::vector<TensorSpec> specs_of(const std::vector<Port>& ports) {
  std::vector<TensorSpec> specs;
  for (const Port& port : ports) specs.push_back(port.spec);
  return specs;
}

// ONNX Runtime's messages may span lines; ours are one line of a log.
std::string one_line(const std::string& text) {
  std::string line;
  for (char c : text) {
    bool space = c == '\n' || c == ' ';
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

Status about_file(const std::string& path, const Status& status) {
  return {status.code(), "model file '" + path + "': " + one_line(status.message())};
}

Status about_file(const std::string& path, const Status& status, const LogCapture& log) {
  return about_file(path, Status(status.code(), log.explain(status.message())));
}

Result<Handle<OrtSession>> create_session(const std::string& path, const ExecutionSpec& execution,
                                          int concurrent_runs) {
  LogCapture log;
  Result<Handle<OrtSessionOptions>> options = make_session_options(execution, concurrent_runs);
  if (!options.ok()) return about_file(path, options.status(), log);
  OrtSession* session = nullptr;
  Status status = take(ort().CreateSession(environment(), path.c_str(), options->get(), &session));
  if (!status.ok()) return about_file(path, status, log);
  return Handle<OrtSession>(session);
}

Result<std::shared_ptr<OnnxModel>> load_session(std::shared_ptr<OnnxRuntime> runtime,
                                                const std::string& path,
                                                const ExecutionSpec& execution,
                                                int concurrent_runs) {
  Result<Handle<OrtSession>> session = create_session(path, execution, concurrent_runs);
  if (!session.ok()) return session.status();
  Result<std::vector<Port>> inputs = describe_ports(session->get(), Side::kInput);
  if (!inputs.ok()) return about_file(path, inputs.status());
  Result<std::vector<Port>> outputs = describe_ports(session->get(), Side::kOutput);
  if (!outputs.ok()) return about_file(path, outputs.status());
  return std::shared_ptr<OnnxModel>(std::make_shared<Session>(
      std::move(runtime), std::move(*session), std::move(*inputs), std::move(*outputs)));
}

}  // namespace

Session::Session(std::shared_ptr<OnnxRuntime> runtime, Handle<OrtSession> handle,
                 std::vector<Port> inputs, std::vector<Port> outputs)
    : runtime_(std::move(runtime)),
      handle_(std::move(handle)),
      input_ports_(std::move(inputs)),
      output_ports_(std::move(outputs)),
      inputs_(specs_of(input_ports_)),
      outputs_(specs_of(output_ports_)) {}

Result<bool> Session::probe_batching() {
  return caught([&] { return batches_rows(shared_from_this()); });
}

Result<std::string> Session::end_profiling() {
  char* path = nullptr;
  Status status = take(ort().SessionEndProfiling(handle(), default_allocator(), &path));
  if (!status.ok()) return status;
  std::string copy(path);
  Handle<OrtStatus> freed(ort().AllocatorFree(default_allocator(), path));
  return copy;
}

Result<std::unique_ptr<Executor>> Session::make_executor(const ModelSpec& spec) {
  return caught([&] { return make_onnx_executor(shared_from_this(), spec); });
}

Result<std::shared_ptr<OnnxModel>> OnnxModel::load(std::shared_ptr<OnnxRuntime> runtime,
                                                   const std::string& path,
                                                   const ExecutionSpec& execution,
                                                   int concurrent_runs) {
  return caught([&] { return load_session(std::move(runtime), path, execution, concurrent_runs); });
}

}  // namespace skein::runtime

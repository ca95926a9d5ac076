#include "runtime/session.h"

#include "runtime/batching_probe.h"
#include "runtime/bound_executor.h"
#include "runtime/capture_gate.h"
#include "runtime/cuda_memory.h"
#include "runtime/log.h"
#include "runtime/onnx_executor.h"
#include "runtime/providers.h"
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

// Held where a GPU is used outside the runs of its slots.
std::shared_lock<std::shared_mutex> beside_captures(const ExecutionSpec& execution) {
  if (!execution.on_gpu()) return {};
  return CaptureGate::instance().run();
}

Result<std::shared_ptr<const Stream>> make_stream(const ExecutionSpec& execution) {
  if (!execution.on_gpu()) return std::shared_ptr<const Stream>();
  Result<std::shared_ptr<DeviceMemory>> memory = cuda_memory(execution.device_id);
  if (!memory.ok()) return memory.status();
  Result<std::shared_ptr<Stream>> stream = Stream::create(*memory);
  if (!stream.ok()) return stream.status();
  return std::shared_ptr<const Stream>(*stream);
}

// Sets the source's stream.
Result<Handle<OrtSession>> create_session(SessionSource& source, int concurrent_runs) {
  const std::string& path = source.path;
  auto lock = beside_captures(source.execution);
  if (Status status = check_available(source.execution.provider); !status.ok()) {
    return about_file(path, status);
  }
  Result<std::shared_ptr<const Stream>> stream = make_stream(source.execution);
  if (!stream.ok()) return about_file(path, stream.status());
  source.stream = *stream;
  LogCapture log;
  Result<Handle<OrtSessionOptions>> options = make_session_options(
      source.execution, concurrent_runs, source.stream ? source.stream->handle() : nullptr);
  if (!options.ok()) return about_file(path, options.status(), log);
  OrtSession* session = nullptr;
  Status status = take(ort().CreateSession(environment(), path.c_str(), options->get(), &session));
  if (!status.ok()) return about_file(path, status, log);
  return Handle<OrtSession>(session);
}

Result<std::shared_ptr<Session>> open_session(SessionSource source, int concurrent_runs) {
  Result<Handle<OrtSession>> session = create_session(source, concurrent_runs);
  if (!session.ok()) return session.status();
  Result<std::vector<Port>> inputs = describe_ports(session->get(), Side::kInput);
  if (!inputs.ok()) return about_file(source.path, inputs.status());
  Result<std::vector<Port>> outputs = describe_ports(session->get(), Side::kOutput);
  if (!outputs.ok()) return about_file(source.path, outputs.status());
  return std::make_shared<Session>(std::move(source), std::move(*session), std::move(*inputs),
                                   std::move(*outputs));
}

}  // namespace

Session::Session(SessionSource source, Handle<OrtSession> handle, std::vector<Port> inputs,
                 std::vector<Port> outputs)
    : source_(std::move(source)),
      handle_(std::move(handle)),
      input_ports_(std::move(inputs)),
      output_ports_(std::move(outputs)),
      inputs_(specs_of(input_ports_)),
      outputs_(specs_of(output_ports_)) {}

// ONNX Runtime's destructor of a captured CUDA graph throws when the device is lost, which would
// end the process: such a session is leaked.
Session::~Session() {
  auto lock = beside_captures(source_.execution);
  if (abandoned_) static_cast<void>(handle_.release());
  handle_.reset();
}

Result<bool> Session::probe_batching() {
  auto lock = beside_captures(source_.execution);
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
  return caught([&]() -> Result<std::unique_ptr<Executor>> {
    if (spec.execution.cuda_graph && spec.execution.provider != "cuda") {
      return invalid_argument(
          "cuda_graph: only the execution provider cuda captures graphs, not '" +
          spec.execution.provider + "'");
    }
    if (!spec.execution.on_gpu()) return make_onnx_executor(shared_from_this(), spec);
    Result<std::shared_ptr<Session>> own = own_session(spec.execution);
    if (!own.ok()) return own.status();
    std::shared_ptr<const Stream> stream = (*own)->source_.stream;
    Result<std::unique_ptr<Executor>> made = make_bound_executor(*own, spec, std::move(stream));
    if (!made.ok()) (*own)->give_back();
    return made;
  });
}

// Slots on a GPU run side by side on streams of their own, so each has a session of its own.
Result<std::shared_ptr<Session>> Session::own_session(const ExecutionSpec& execution) {
  if (execution == source_.execution && !taken_.exchange(true)) return shared_from_this();
  return open_session({source_.runtime, source_.path, execution, {}}, 1);
}

Result<std::shared_ptr<OnnxModel>> OnnxModel::load(std::shared_ptr<OnnxRuntime> runtime,
                                                   const std::string& path,
                                                   const ExecutionSpec& execution,
                                                   int concurrent_runs) {
  return caught([&]() -> Result<std::shared_ptr<OnnxModel>> {
    SessionSource source{std::move(runtime), path, execution, {}};
    source.execution.cuda_graph = false;  // its runs have no places of their own
    Result<std::shared_ptr<Session>> session = open_session(std::move(source), concurrent_runs);
    if (!session.ok()) return session.status();
    return std::shared_ptr<OnnxModel>(*session);
  });
}

}  // namespace skein::runtime

// A small native server over the same engine, without Python: what the sanitizer runs exercise.
//   skein_host ONNXRUNTIME_LIBRARY NAME=MODEL.onnx[:MAX_BATCH_SIZE[:ordered|:pictures]] ...
// An ordered model has two priority levels, and its answers leave in the order of its requests. One
// of pictures, FP32 [batch,3,height,width], also takes JPEG, PNG, WebP and pixels. Prints the port
// on standard output, serves ModelInfer on 127.0.0.1 until SIGTERM, then drains and prints how many
// requests were dropped unanswered (0 unless there is a bug).
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace {

using namespace skein;  // NOLINT: a program, not a header

template <class T>
T value_or_exit(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "skein_host: %s\n", result.status().message().c_str());
    std::exit(2);
  }
  return std::move(result).value();
}

struct ModelArgument {
  std::string name, path;
  int64_t max_batch_size = 0;
  bool ordered = false;
  bool pictures = false;
};

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

ModelArgument parse_argument(std::string_view text) {
  bool ordered = take_suffix(text, ":ordered");
  bool pictures = take_suffix(text, ":pictures");
  size_t equals = text.find('=');
  size_t colon = text.rfind(':');
  if (equals == std::string_view::npos) {
    std::fprintf(stderr,
                 "usage: skein_host LIBRARY NAME=MODEL.onnx[:MAX_BATCH[:ordered|:pictures]] ...\n");
    std::exit(2);
  }
  ModelArgument argument{
      .name = std::string(text.substr(0, equals)), .ordered = ordered, .pictures = pictures};
  bool batched = colon != std::string_view::npos && colon > equals;
  argument.path = text.substr(equals + 1, batched ? colon - equals - 1 : std::string_view::npos);
  if (batched) argument.max_batch_size = std::atoll(text.substr(colon + 1).data());
  return argument;
}

void take_pictures(ModelSpec& spec) {
  const TensorSpec& input = spec.inputs.front();
  ImageSpec image{.height = input.dims[2], .width = input.dims[3]};
  spec.raw_inputs = {{input.name, DType::kBytes, {-1, 1}},
                     {input.name, DType::kUint8, {-1, -1, -1, 3}}};
  spec.raw_groups = {{{0}, {{0}, {1}}, std::make_shared<const ImageSpec>(image)}};
}

std::shared_ptr<engine::Version> load(engine::Engine& engine,
                                      std::shared_ptr<runtime::OnnxRuntime> runtime,
                                      const ModelArgument& argument) {
  ModelSpec spec;
  auto model =
      value_or_exit(runtime::OnnxModel::load(std::move(runtime), argument.path, spec.execution, 2));
  spec.name = argument.name;
  spec.inputs = model->inputs();
  spec.outputs = model->outputs();
  spec.batching.max_batch_size = argument.max_batch_size;
  spec.instance_count = 2;
  spec.preserve_ordering = argument.ordered;
  if (argument.ordered) spec.priority = {.levels = 2, .default_level = 2};
  if (argument.pictures) take_pictures(spec);
  return value_or_exit(engine.load(std::move(model), std::move(spec)));
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts: they inherit it

  if (argc < 3) parse_argument("");
  engine::EngineOptions options;
  options.server.io_threads = 2;
  options.cpu_workers = 2;
  auto engine = value_or_exit(engine::Engine::create(options));
  int port = value_or_exit(engine->server().listen_tcp("127.0.0.1", 0));
  auto runtime = value_or_exit(runtime::OnnxRuntime::open(argv[1]));
  std::vector<engine::Route> routes;
  for (int i = 2; i < argc; ++i) {
    ModelArgument argument = parse_argument(argv[i]);
    routes.push_back({argument.name, {{load(*engine, runtime, argument), 1.0}}});
  }
  Status published = engine->publish(std::move(routes));
  if (!published.ok()) return 2;
  std::printf("%d\n", port);
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  bool answered = engine->drain(std::chrono::seconds(30));
  engine->stop();
  std::printf("dropped %llu\n", static_cast<unsigned long long>(scheduling::Request::dropped()));
  return answered && scheduling::Request::dropped() == 0 ? 0 : 1;
}

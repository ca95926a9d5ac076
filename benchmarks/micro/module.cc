// Loops over single steps of the request path, for pytest-benchmark (see test_*.py here). Each
// function does its step `times` times; what it needs is prepared before. Not part of the server.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "postprocess/classification.h"
#include "postprocess/softmax.h"
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "runtime/input_slot.h"
#include "runtime/onnx.h"
#include "scheduling/batch_policy.h"
#include "telemetry/histogram.h"

namespace skein::micro {
namespace {

namespace py = pybind11;

// Keeps the compiler from dropping work whose result nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

void require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

ModelSpec identity_spec(int64_t columns) {
  ModelSpec spec;
  spec.name = "identity";
  spec.inputs = {{"INPUT0", DType::kFp32, Shape{-1, columns}}};
  spec.outputs = {{"OUTPUT0", DType::kFp32, Shape{-1, columns}}};
  spec.batching.max_batch_size = 64;
  return spec;
}

// `message`: a ModelInferRequest for FP32[-1,columns] in INPUT0.
void decode(const std::string& message, int64_t columns, int times) {
  ModelSpec spec = identity_spec(columns);
  auto bytes = std::as_bytes(std::span(message));
  protocol::InferRequest request;
  for (int i = 0; i < times; ++i) {
    Result<protocol::RequestHead> head = protocol::read_head(bytes);
    if (!head.ok()) require(head.status());
    request.clear();
    require(protocol::parse(bytes, spec, request));
    keep(request);
  }
}

void encode(int64_t columns, int times) {
  Ref<Buffer> buffer = Buffer::allocate(static_cast<size_t>(columns) * sizeof(float));
  TensorView view{DType::kFp32, Shape{1, columns}, buffer->data(), buffer->size()};
  protocol::OutputView output{view, &buffer, "OUTPUT0"};
  protocol::ResponseHead head{"identity", "1", "id"};
  for (int i = 0; i < times; ++i) keep(protocol::encode(head, {&output, 1}));
}

void decide(const std::vector<int64_t>& rows, const std::vector<int64_t>& preferred, int times) {
  BatchingSpec limits;
  limits.max_batch_size = 64;
  limits.preferred_batch_sizes = preferred;
  TimePoint now = std::chrono::steady_clock::now();
  scheduling::LatencyModel model;
  std::vector<scheduling::Waiting> waiting;
  for (int64_t each : rows) waiting.push_back({.rows = each});
  scheduling::QueueView view{.requests = waiting, .oldest = now};
  for (int i = 0; i < times; ++i) {
    keep(view);
    keep(scheduling::decide(view, limits, model, now));
  }
}

// One input of `requests` requests of a row each, put together for a run.
class Gather {
 public:
  Gather(const std::string& library, int64_t requests, int64_t columns) {
    Result<std::shared_ptr<runtime::OnnxRuntime>> opened = runtime::OnnxRuntime::open(library);
    if (!opened.ok()) require(opened.status());
    runtime_ = *opened;
    size_t size = static_cast<size_t>(columns) * sizeof(float);
    rows_ = Buffer::allocate(static_cast<size_t>(requests) * size);
    for (int64_t i = 0; i < requests; ++i) {
      const std::byte* row = rows_->data() + static_cast<size_t>(i) * size;
      views_.push_back({DType::kFp32, Shape{1, columns}, row, size});
    }
    for (const TensorView& view : views_) batch_.items.push_back({{&view, 1}, 1});
    batch_.rows = requests;
    slot_ = std::make_unique<runtime::InputSlot>(identity_spec(columns), 0);
  }

  void run(int times) {
    for (int i = 0; i < times; ++i) {
      Result<OrtValue*> value = slot_->gather(batch_, 0);
      if (!value.ok()) require(value.status());
      keep(*value);
    }
  }

 private:
  std::shared_ptr<runtime::OnnxRuntime> runtime_;
  Ref<Buffer> rows_;
  std::vector<TensorView> views_;
  runtime::Batch batch_;
  std::unique_ptr<runtime::InputSlot> slot_;
};

// `scores`: one row of FP32.
void classify(const std::string& scores, uint32_t count, int times) {
  const auto* data = reinterpret_cast<const std::byte*>(scores.data());
  const auto classes = static_cast<int64_t>(scores.size() / sizeof(float));
  const TensorView view{DType::kFp32, Shape{1, classes}, data, scores.size()};
  for (int i = 0; i < times; ++i) {
    keep(postprocess::classify(view, {.batched = true, .count = count, .labels = nullptr}));
  }
}

// What classify() would do without choosing: puts all scores in order, and writes no text.
void sort_all(const std::string& scores, int times) {
  std::vector<float> row(scores.size() / sizeof(float));
  std::memcpy(row.data(), scores.data(), scores.size());
  std::vector<uint32_t> order(row.size());
  for (int i = 0; i < times; ++i) {
    for (uint32_t index = 0; index < order.size(); ++index) order[index] = index;
    std::sort(order.begin(), order.end(),
              [&](uint32_t a, uint32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    keep(order);
  }
}

void softmax(const std::string& scores, int times) {
  const auto* data = reinterpret_cast<const std::byte*>(scores.data());
  const auto classes = static_cast<int64_t>(scores.size() / sizeof(float));
  const TensorView view{DType::kFp32, Shape{1, classes}, data, scores.size()};
  std::vector<std::byte> to(scores.size());
  for (int i = 0; i < times; ++i) {
    postprocess::softmax(view, to.data());
    keep(to);
  }
}

void record(int times) {
  auto histogram = std::make_unique<telemetry::Histogram>();
  uint64_t value = 1;
  for (int i = 0; i < times; ++i) {
    value = value * 2862933555777941757u + 3037000493u;
    histogram->record(value >> 40);
  }
  keep(*histogram);
}

void quantiles(int times) {
  auto histogram = std::make_unique<telemetry::Histogram>();
  for (uint64_t value = 1; value < 1'000'000; value += 97) histogram->record(value);
  for (int i = 0; i < times; ++i) {
    telemetry::HistogramSnapshot snapshot;
    histogram->add_to(snapshot);
    keep(snapshot.quantile(0.99));
  }
}

}  // namespace
}  // namespace skein::micro

PYBIND11_MODULE(_micro, module) {
  namespace micro = skein::micro;
  namespace py = pybind11;
  module.def("decode", &micro::decode, py::arg("message"), py::arg("columns"), py::arg("times"));
  module.def("encode", &micro::encode, py::arg("columns"), py::arg("times"));
  module.def("decide", &micro::decide, py::arg("rows"), py::arg("preferred"), py::arg("times"));
  module.def("classify", &micro::classify, py::arg("scores"), py::arg("count"), py::arg("times"));
  module.def("sort_all", &micro::sort_all, py::arg("scores"), py::arg("times"));
  module.def("softmax", &micro::softmax, py::arg("scores"), py::arg("times"));
  module.def("record", &micro::record, py::arg("times"));
  module.def("quantiles", &micro::quantiles, py::arg("times"));
  py::class_<micro::Gather>(module, "Gather")
      .def(py::init<const std::string&, int64_t, int64_t>(), py::arg("library"),
           py::arg("requests"), py::arg("columns"))
      .def("run", &micro::Gather::run, py::arg("times"));
}

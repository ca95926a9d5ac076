// Test models (tests/graphs.py) loaded and run through the public interface. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "runtime/onnx.h"

namespace skein::runtime {

inline std::shared_ptr<OnnxRuntime> test_runtime() {
  return OnnxRuntime::open(SKEIN_TEST_ONNXRUNTIME).value();
}

inline std::string graph_path(const std::string& name) {
  return std::string(SKEIN_TEST_GRAPHS) + "/" + name + "/1/model.onnx";
}

inline Result<std::shared_ptr<OnnxModel>> try_load(const std::string& name,
                                                   const ExecutionSpec& execution = {}) {
  return OnnxModel::load(test_runtime(), graph_path(name), execution, 1);
}

inline ModelSpec spec_of(const OnnxModel& model, int64_t max_batch_size) {
  ModelSpec spec;
  spec.inputs = model.inputs();
  spec.outputs = model.outputs();
  spec.batching.max_batch_size = max_batch_size;
  return spec;
}

// A slot of a test model.
inline std::unique_ptr<Executor> executor_of(const std::string& name, int64_t max_batch_size,
                                             const std::string& provider = "cpu") {
  ExecutionSpec execution;
  execution.provider = provider;
  std::shared_ptr<OnnxModel> model = try_load(name, execution).value();
  return model->make_executor(spec_of(*model, max_batch_size)).value();
}

template <class T>
TensorView view_of(DType dtype, Shape shape, const std::vector<T>& values) {
  return {dtype, shape, reinterpret_cast<const std::byte*>(values.data()),
          values.size() * sizeof(T)};
}

inline TensorView raw_view(DType dtype, Shape shape, std::string_view raw) {
  return {dtype, shape, reinterpret_cast<const std::byte*>(raw.data()), raw.size()};
}

template <class T>
std::vector<T> values_of(const OutputTensor& output) {
  std::vector<T> values(output.view.size / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), output.view.data, output.view.size);
  return values;
}

// Runs a batch of items, each a list of views; rows of an item: its first input's dimension 0.
inline BatchResult run(Executor& executor, const std::vector<std::vector<TensorView>>& items,
                       uint64_t wanted = ~uint64_t{0}) {
  Batch batch;
  batch.wanted = wanted;
  for (const std::vector<TensorView>& views : items) {
    const Shape& shape = views.front().shape;
    batch.items.push_back({views, shape.rank() == 0 ? 1 : shape[0]});
    batch.rows += batch.items.back().rows;
  }
  BatchResult taken;
  executor.submit(batch, [&](BatchResult& result) { taken = std::move(result); });
  return taken;
}

}  // namespace skein::runtime

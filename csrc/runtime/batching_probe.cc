#include "runtime/batching_probe.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "runtime/element_values.h"
#include "runtime/onnx_executor.h"

namespace skein::runtime {
namespace {

constexpr size_t kMaxRowBytes = size_t{256} << 20;
constexpr uint32_t kSeeds = 3;

// One guess at values that the model accepts.
struct Guess {
  int64_t extent;  // of every dynamic dimension but the first
  int least;       // integers, indices and strings are this or one more
};

// One row of every input, with the storage that its views see.
struct Row {
  std::vector<std::vector<std::byte>> storage;
  std::vector<TensorView> views;
};

// Outputs by row: [row][output] bytes.
using RowOutputs = std::vector<std::vector<std::vector<std::byte>>>;

bool leads_with_batch(const Port& port) {
  const Shape& dims = port.spec.dims;
  if (dims.rank() == 0 || dims[0] != -1) return false;
  const std::string& symbol = port.symbols[0];
  return symbol.empty() || std::count(port.symbols.begin(), port.symbols.end(), symbol) == 1;
}

bool has_dynamic_inner(const std::vector<Port>& ports) {
  return std::any_of(ports.begin(), ports.end(), [](const Port& port) {
    std::span<const int64_t> dims = port.spec.dims.dims();
    return std::count(dims.begin() + 1, dims.end(), -1) > 0;
  });
}

bool has_integers(const std::vector<Port>& ports) {
  return std::any_of(ports.begin(), ports.end(), [](const Port& port) {
    return !is_float(port.spec.dtype) && port.spec.dtype != DType::kBool;
  });
}

// Middling extents first: with 1, a normalisation over that dimension hides what it mixes.
std::vector<Guess> guesses(const std::vector<Port>& inputs) {
  std::vector<int64_t> extents{1};
  if (has_dynamic_inner(inputs)) extents = {4, 3, 5, 6, 7, 8, 2, 1};
  std::vector<Guess> all;
  for (int64_t extent : extents) all.push_back({extent, 0});
  if (!has_integers(inputs)) return all;
  for (int64_t extent : extents) all.push_back({extent, 1});
  return all;
}

Shape row_shape(const TensorSpec& spec, int64_t extent) {
  Shape shape{1};
  for (size_t axis = 1; axis < spec.dims.rank(); ++axis) {
    shape.push_back(spec.dims[axis] < 0 ? extent : spec.dims[axis]);
  }
  return shape;
}

bool affordable(const std::vector<Port>& inputs, int64_t extent) {
  return std::all_of(inputs.begin(), inputs.end(), [&](const Port& port) {
    std::optional<int64_t> elements = element_count(row_shape(port.spec, extent).dims());
    return elements && static_cast<size_t>(*elements) <= kMaxRowBytes / 8;
  });
}

// `which` (0 or 1) makes the two rows of a probe differ in their first integer, too.
Row random_row(const std::vector<Port>& inputs, const Guess& guess, int which,
               std::mt19937& random) {
  std::uniform_int_distribution<int> eighths(-16, 16);
  Row row;
  for (const Port& port : inputs) {
    Shape shape = row_shape(port.spec, guess.extent);
    int64_t elements = *element_count(shape.dims());
    std::vector<std::byte>& bytes = row.storage.emplace_back();
    for (int64_t i = 0; i < elements; ++i) {
      int bit = i == 0 ? which : static_cast<int>(random() & 1);
      bool fraction = is_float(port.spec.dtype);
      append_value(bytes, port.spec.dtype, fraction ? eighths(random) / 8.0 : guess.least + bit);
    }
    row.views.push_back({port.spec.dtype, shape, nullptr, bytes.size()});
  }
  for (size_t i = 0; i < inputs.size(); ++i) row.views[i].data = row.storage[i].data();
  return row;
}

std::vector<std::byte> row_bytes(const OutputTensor& output, size_t row, size_t rows) {
  size_t begin = row * output.view.size / rows;
  size_t end = (row + 1) * output.view.size / rows;
  if (output.view.dtype == DType::kBytes) {
    begin = output.row_offsets[row];
    end = output.row_offsets[row + 1];
  }
  return {output.view.data + begin, output.view.data + end};
}

// nullopt when the model refuses the rows.
std::optional<RowOutputs> run(Executor& executor, std::span<const Row* const> rows) {
  Batch batch;
  for (const Row* row : rows) batch.items.push_back({row->views, 1});
  batch.rows = static_cast<int64_t>(rows.size());
  std::optional<RowOutputs> outputs;
  executor.submit(batch, [&](BatchResult& result) {
    if (!result.status.ok()) return;
    outputs.emplace(rows.size());
    for (size_t row = 0; row < rows.size(); ++row) {
      for (const OutputTensor& output : result.outputs) {
        (*outputs)[row].push_back(row_bytes(output, row, rows.size()));
      }
    }
  });
  return outputs;
}

// Kernels may sum in another order for another batch size; 16-bit results show it sooner.
bool close(double a, double b, DType dtype) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  bool narrow = dtype == DType::kFp16 || dtype == DType::kBf16;
  double tolerance = narrow ? 1e-2 : 1e-3;
  return std::abs(a - b) <= 1e-5 + tolerance * std::max(std::abs(a), std::abs(b));
}

bool equal(const std::vector<std::byte>& a, const std::vector<std::byte>& b, DType dtype) {
  if (!is_float(dtype)) return a == b;
  if (a.size() != b.size()) return false;
  for (size_t at = 0; at < a.size(); at += element_size(dtype)) {
    if (!close(float_at(dtype, a.data() + at), float_at(dtype, b.data() + at), dtype)) return false;
  }
  return true;
}

enum class Verdict { kIndependent, kMixed, kRefused };

Verdict try_guess(Executor& executor, const Session& session, const Guess& guess, uint32_t seed) {
  std::mt19937 random(seed);
  Row first = random_row(session.input_ports(), guess, 0, random);
  Row second = random_row(session.input_ports(), guess, 1, random);
  std::array<const Row*, 2> both{&first, &second};
  std::optional<RowOutputs> first_alone = run(executor, std::span(both).first(1));
  std::optional<RowOutputs> second_alone = run(executor, std::span(both).last(1));
  if (!first_alone || !second_alone) return Verdict::kRefused;
  std::optional<RowOutputs> together = run(executor, both);
  if (!together) return Verdict::kMixed;
  for (size_t i = 0; i < session.outputs().size(); ++i) {
    DType dtype = session.outputs()[i].dtype;
    if (!equal((*together)[0][i], (*first_alone)[0][i], dtype)) return Verdict::kMixed;
    if (!equal((*together)[1][i], (*second_alone)[0][i], dtype)) return Verdict::kMixed;
  }
  return Verdict::kIndependent;
}

Verdict try_seeds(Executor& executor, const Session& session, const Guess& guess) {
  Verdict verdict = Verdict::kRefused;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    verdict = try_guess(executor, session, guess, seed);
    if (verdict != Verdict::kIndependent) break;
  }
  return verdict;
}

}  // namespace

Result<bool> batches_rows(const std::shared_ptr<Session>& session) {
  const std::vector<Port>& inputs = session->input_ports();
  const std::vector<Port>& outputs = session->output_ports();
  if (inputs.empty() || !std::all_of(inputs.begin(), inputs.end(), leads_with_batch) ||
      !std::all_of(outputs.begin(), outputs.end(), leads_with_batch)) {
    return false;
  }
  ModelSpec spec;
  spec.inputs = session->inputs();
  spec.outputs = session->outputs();
  spec.batching.max_batch_size = 2;
  Result<std::unique_ptr<Executor>> executor = make_onnx_executor(session, spec);
  if (!executor.ok()) return executor.status();
  for (const Guess& guess : guesses(inputs)) {
    if (!affordable(inputs, guess.extent)) continue;
    Verdict verdict = try_seeds(**executor, *session, guess);
    if (verdict != Verdict::kRefused) return verdict == Verdict::kIndependent;
  }
  return false;
}

}  // namespace skein::runtime

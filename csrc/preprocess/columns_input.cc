#include "preprocess/columns_input.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string>

#include "base/quote.h"
#include "preprocess/feature.h"

namespace skein::preprocess {
namespace {

constexpr size_t kMaxColumns = 4096;

bool can_be_column(DType dtype) { return dtype != DType::kFp16 && dtype != DType::kBf16; }

}  // namespace

ColumnsInput::ColumnsInput(ColumnsSpec spec)
    : spec_(std::move(spec)), reader_(spec_.columns, spec_.ignore_extra) {}

Result<std::shared_ptr<const ColumnsInput>> ColumnsInput::create(ColumnsSpec spec) {
  std::shared_ptr<ColumnsInput> made(new ColumnsInput(std::move(spec)));
  if (Status status = made->check_columns(); !status.ok()) return status;
  if (Status status = made->plan(); !status.ok()) return status;
  return std::shared_ptr<const ColumnsInput>(std::move(made));
}

Status ColumnsInput::check_columns() const {
  if (spec_.features.empty()) return invalid_argument("features: at least one is needed");
  if (spec_.columns.size() > kMaxColumns) {
    return invalid_argument(std::to_string(spec_.columns.size()) + " columns; at most " +
                            std::to_string(kMaxColumns) + " are supported");
  }
  if (!with_output_type(spec_.dtype, [](auto) {})) {
    return invalid_argument("columns cannot make an input of datatype " +
                            std::string(name(spec_.dtype)));
  }
  std::set<std::string_view> names;
  for (const ColumnSpec& column : spec_.columns) {
    if (!names.insert(column.name).second) {
      return invalid_argument("column " + quote(column.name) + " is there twice");
    }
    if (can_be_column(column.dtype)) continue;
    return invalid_argument("column " + quote(column.name) + ": datatype " +
                            std::string(name(column.dtype)) +
                            " should be BOOL, INT*, UINT*, FP32, FP64 or BYTES");
  }
  return {};
}

Status ColumnsInput::plan() {
  parts_.resize(spec_.columns.size());
  empty_is_missing_.assign(spec_.columns.size(), 1);
  for (size_t i = 0; i < spec_.features.size(); ++i) {
    const FeatureSpec& feature = spec_.features[i];
    std::string place = "features[" + std::to_string(i) + "]";
    if (feature.column >= spec_.columns.size()) return invalid_argument(place + ": no such column");
    const ColumnSpec& column = spec_.columns[feature.column];
    Result<FeaturePlan> plan = plan_feature(feature, column, spec_.dtype);
    if (!plan.ok()) {
      return invalid_argument(place + " (" + quote(column.name) + "): " + plan.status().message());
    }
    size_t offset = width_ * element_size(spec_.dtype);
    width_ += plan->width;
    if (width_ > kMaxWidth) {
      return invalid_argument(place + ": with it there are over " + std::to_string(kMaxWidth) +
                              " columns, the most that are supported");
    }
    if (plan->texts.find("") != kUnknownCategory) empty_is_missing_[feature.column] = 0;
    parts_[feature.column].push_back({std::move(*plan), offset});
  }
  return {};
}

Status ColumnsInput::at_column(size_t column, const Status& status) const {
  return {status.code(), "column " + quote(spec_.columns[column].name) + ", " + status.message()};
}

Status ColumnsInput::apply_all(size_t column, const ColumnBlock& block, std::byte* to) const {
  for (const Part& part : parts_[column]) {
    Status status = apply(part.plan, block, to + part.offset, row_bytes());
    if (!status.ok()) return at_column(column, status);
  }
  return {};
}

Status ColumnsInput::check_tensors(std::span<const TensorView> tensors, int64_t first,
                                   int64_t rows) const {
  if (tensors.size() != spec_.columns.size()) {
    return invalid_argument(std::to_string(tensors.size()) + " columns; expected " +
                            std::to_string(spec_.columns.size()));
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& tensor = tensors[i];
    if (tensor.data == nullptr) continue;
    const ColumnSpec& column = spec_.columns[i];
    if (tensor.dtype != column.dtype) {
      return invalid_argument("column " + quote(column.name) + " has datatype " +
                              std::string(name(tensor.dtype)) + "; expected " +
                              std::string(name(column.dtype)));
    }
    const Shape& shape = tensor.shape;
    bool one_each = shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1);
    if (one_each && shape[0] - first >= rows) continue;
    return invalid_argument("column " + quote(column.name) + " has shape " + to_string(shape) +
                            "; expected one value for each of " + std::to_string(first + rows) +
                            " rows");
  }
  return {};
}

Status ColumnsInput::columns(std::span<const TensorView> tensors, int64_t first, int64_t rows,
                             std::byte* to) const {
  if (Status status = check_tensors(tensors, first, rows); !status.ok()) return status;
  thread_local std::vector<ColumnReader> readers;
  readers.clear();
  for (size_t i = 0; i < tensors.size(); ++i) {
    readers.emplace_back(tensors[i], empty_is_missing_[i] != 0);
    if (readers.back().skip(first)) continue;
    return invalid_argument("column " + quote(spec_.columns[i].name) + ": the tensor ends early");
  }
  BlockStorage storage;
  ColumnBlock block = storage.block();
  for (int64_t done = 0; done < rows;) {
    size_t count = std::min(kBlockRows, static_cast<size_t>(rows - done));
    for (size_t i = 0; i < readers.size(); ++i) {
      Status status = readers[i].read(count, first + done, block);
      if (!status.ok()) return at_column(i, status);
      if (status = apply_all(i, block, to); !status.ok()) return status;
    }
    to += count * row_bytes();
    done += static_cast<int64_t>(count);
  }
  return {};
}

// The values of up to kBlockRows rows, by column.
struct ColumnsInput::Stage {
  std::vector<BlockStorage> storages;
  std::vector<ColumnBlock> blocks;
  std::vector<Cell> cells;          // of the row that is being read
  std::deque<std::string> escaped;  // texts that are not in the rows as they are meant

  void start(size_t columns, size_t rows, int64_t number) {
    if (storages.size() < columns) storages.resize(columns);
    cells.resize(columns);
    blocks.resize(columns);
    escaped.clear();
    for (size_t i = 0; i < columns; ++i) {
      blocks[i] = storages[i].block();
      blocks[i].rows = rows;
      blocks[i].first_row = number;
    }
  }
};

void ColumnsInput::stage_row(size_t row, Stage& stage) const {
  for (size_t i = 0; i < stage.cells.size(); ++i) {
    const Cell& cell = stage.cells[i];
    ColumnBlock& block = stage.blocks[i];
    bool missing = cell.state != Cell::State::kValue;
    block.numbers[row] = missing ? 0 : cell.number;
    block.wholes[row] = missing ? 0 : cell.whole;
    if (spec_.columns[i].dtype == DType::kBytes) {
      std::string_view text = missing ? std::string_view() : cell.text;
      if (!missing && cell.escaped) text = stage.escaped.emplace_back(text);
      block.texts[row] = text;
      missing |= text.empty() && empty_is_missing_[i] != 0;
    }
    block.missing[row] = missing ? 1 : 0;
    block.any_missing |= missing;
  }
}

Status ColumnsInput::stage_rows(std::span<const std::string_view> objects, int64_t number,
                                Stage& stage) const {
  stage.start(spec_.columns.size(), objects.size(), number);
  for (size_t row = 0; row < objects.size(); ++row) {
    if (Status status = reader_.read(objects[row], stage.cells); !status.ok()) {
      return invalid_argument("row " + std::to_string(number + static_cast<int64_t>(row)) + ": " +
                              status.message());
    }
    stage_row(row, stage);
  }
  return {};
}

Status ColumnsInput::json_rows(std::span<const std::string_view> objects, int64_t number,
                               std::byte* to) const {
  thread_local Stage stage;
  while (!objects.empty()) {
    size_t count = std::min(kBlockRows, objects.size());
    Status status = stage_rows(objects.first(count), number, stage);
    for (size_t i = 0; status.ok() && i < stage.blocks.size(); ++i) {
      status = apply_all(i, stage.blocks[i], to);
    }
    if (!status.ok()) return status;
    objects = objects.subspan(count);
    number += static_cast<int64_t>(count);
    to += count * row_bytes();
  }
  return {};
}

Status ColumnsInput::json(const TensorView& objects, int64_t first, int64_t rows,
                          std::byte* to) const {
  if (objects.dtype != DType::kBytes || objects.data == nullptr) {
    return invalid_argument("rows have datatype " + std::string(name(objects.dtype)) +
                            "; expected BYTES, one JSON object per row");
  }
  ColumnReader reader(objects, false);
  BlockStorage storage;
  ColumnBlock block = storage.block();
  if (!reader.skip(first)) return invalid_argument("the tensor of rows ends early");
  for (int64_t done = 0; done < rows;) {
    size_t count = std::min(kBlockRows, static_cast<size_t>(rows - done));
    Status status = reader.read(count, first + done, block);
    if (status.ok()) status = json_rows({block.texts, count}, first + done, to);
    if (!status.ok()) return status;
    to += count * row_bytes();
    done += static_cast<int64_t>(count);
  }
  return {};
}

}  // namespace skein::preprocess

// One model input made from rows of named columns, which come as one tensor per column or as JSON
// objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/columns_spec.h"
#include "base/status.h"
#include "base/tensor.h"
#include "preprocess/feature_plan.h"
#include "preprocess/json_row.h"

namespace skein::preprocess {

// Immutable; its methods are called by many threads at once, and allocate nothing once a thread
// has seen its longest row. They write rows of row_bytes() each, side by side, row-major; after a
// failure what they wrote means nothing. A message counts rows from 0 and names the column.
class ColumnsInput {
 public:
  // Fails with what the specification gets wrong.
  static Result<std::shared_ptr<const ColumnsInput>> create(ColumnsSpec spec);

  // What clients send, in the order in which columns() takes them.
  const std::vector<ColumnSpec>& column_specs() const { return spec_.columns; }
  DType dtype() const { return spec_.dtype; }
  size_t width() const { return width_; }  // columns of the matrix
  size_t row_bytes() const { return width_ * element_size(spec_.dtype); }

  // From one tensor per column, [N] or [N, 1] each with the same N: `rows` rows from row `first`
  // on. A tensor whose data is nullptr was left out: its values are missing.
  Status columns(std::span<const TensorView> tensors, int64_t first, int64_t rows,
                 std::byte* to) const;
  // From a BYTES tensor with one JSON object per row, of any shape with N elements.
  Status json(const TensorView& objects, int64_t first, int64_t rows, std::byte* to) const;
  // From one JSON object per row, of which the first is row `number` in messages.
  Status json_rows(std::span<const std::string_view> objects, int64_t number, std::byte* to) const;

 private:
  struct Part {  // a feature and where its output is
    FeaturePlan plan;
    size_t offset = 0;  // bytes from the start of a row
  };

  explicit ColumnsInput(ColumnsSpec spec);
  Status plan();
  Status check_columns() const;
  Status check_tensors(std::span<const TensorView> tensors, int64_t first, int64_t rows) const;
  Status apply_all(size_t column, const ColumnBlock& block, std::byte* to) const;
  struct Stage;
  Status stage_rows(std::span<const std::string_view> objects, int64_t number, Stage& stage) const;
  void stage_row(size_t row, Stage& stage) const;
  Status at_column(size_t column, const Status& status) const;

  ColumnsSpec spec_;
  std::vector<std::vector<Part>> parts_;   // by column
  std::vector<uint8_t> empty_is_missing_;  // by column: whether the empty text is
  size_t width_ = 0;
  JsonRowReader reader_;
};

}  // namespace skein::preprocess

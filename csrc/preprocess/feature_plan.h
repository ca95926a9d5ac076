// A feature as it is computed: its specification, checked, with tables in place of lists.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/columns_spec.h"
#include "base/status.h"
#include "preprocess/category_table.h"
#include "preprocess/column_block.h"
#include "preprocess/output_type.h"

namespace skein::preprocess {

inline constexpr size_t kMaxWidth = size_t{1} << 20;  // columns of a matrix

// What a row gets that has no value of its own.
struct Outcome {
  bool allowed = false;  // false: an error
  double number = 0;
  int32_t slot = -1;  // of one-hot features: the column that is 1; -1: all are 0
};

struct FeaturePlan {
  ColumnSpec column;
  ColumnTransform transform;
  ColumnKind kind = ColumnKind::kReal;
  DType output = DType::kFp32;
  Range range;  // of `output`
  bool one_hot = false;
  int32_t drop = -1;  // of one-hot features: the category without a column
  size_t width = 1;   // columns of the matrix
  TextTable texts;
  NumberTable numbers;
  Outcome missing;
  Outcome unknown;

  const std::vector<ColumnValue>* categories() const;
};

// `output`: the datatype of the matrix. Fails with what the specification gets wrong.
Result<FeaturePlan> plan_feature(const FeatureSpec& spec, const ColumnSpec& column, DType output);

}  // namespace skein::preprocess

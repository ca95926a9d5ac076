// Values of columns: held against the column's datatype, and as messages show them.
#pragma once

#include <string>
#include <string_view>

#include "base/columns_spec.h"
#include "base/status.h"
#include "preprocess/column_block.h"

namespace skein::preprocess {

// The shortest decimal text that is exactly this number.
std::string text_of(double number);
// Quoted and shortened; text that is no UTF-8 is told by its length.
std::string text_of(std::string_view text);
std::string text_of(const ColumnValue& value);
// "1" and "0" are true and false in a BOOL column.
std::string text_of(const ColumnBlock& block, size_t row, DType dtype);

// The whole numbers of a datatype that an int64 holds.
struct WholeRange {
  int64_t low;
  int64_t high;
};
WholeRange whole_range(DType dtype);

// `value` as the column has it: whole numbers are numbers of an FP32 or FP64 column, and those of
// FP32 are rounded to it. Fails when no client could send it.
Result<ColumnValue> as_column_value(const ColumnValue& value, const ColumnSpec& column);

}  // namespace skein::preprocess

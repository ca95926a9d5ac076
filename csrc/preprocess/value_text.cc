#include "preprocess/value_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/quote.h"
#include "preprocess/json_library.h"
#include "preprocess/output_type.h"

namespace skein::preprocess {
namespace {

Status of_no_such_column(const ColumnValue& value, const ColumnSpec& column) {
  return invalid_argument(text_of(value) + " is no value of a column of datatype " +
                          std::string(name(column.dtype)));
}

}  // namespace

WholeRange whole_range(DType dtype) {
  WholeRange range{0, 1};  // of BOOL
  with_output_type(dtype, [&range]<class T>(T) {
    if constexpr (std::is_integral_v<T>) {
      range.low = static_cast<int64_t>(std::numeric_limits<T>::min());
      range.high = std::is_same_v<T, uint64_t>
                       ? INT64_MAX
                       : static_cast<int64_t>(std::numeric_limits<T>::max());
    }
  });
  return range;
}

std::string text_of(double number) {
  std::array<char, 32> digits;
  char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

std::string text_of(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return quote(text);
  return std::to_string(text.size()) + " bytes that are no UTF-8";
}

std::string text_of(const ColumnValue& value) {
  if (auto* text = std::get_if<std::string>(&value)) return text_of(std::string_view(*text));
  if (auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
  return text_of(std::get<double>(value));
}

std::string text_of(const ColumnBlock& block, size_t row, DType dtype) {
  switch (kind_of(dtype)) {
    case ColumnKind::kText:
      return text_of(block.texts[row]);
    case ColumnKind::kReal:
      return text_of(block.numbers[row]);
    case ColumnKind::kWhole:
      break;
  }
  if (dtype == DType::kBool) return block.wholes[row] != 0 ? "true" : "false";
  if (dtype == DType::kUint64) return std::to_string(static_cast<uint64_t>(block.wholes[row]));
  return std::to_string(block.wholes[row]);
}

Result<ColumnValue> as_column_value(const ColumnValue& value, const ColumnSpec& column) {
  ColumnKind kind = kind_of(column.dtype);
  if (std::holds_alternative<std::string>(value) != (kind == ColumnKind::kText)) {
    return of_no_such_column(value, column);
  }
  if (kind == ColumnKind::kText) return value;
  auto* whole = std::get_if<int64_t>(&value);
  if (kind == ColumnKind::kWhole) {
    WholeRange range = whole_range(column.dtype);
    if (whole == nullptr || *whole < range.low || *whole > range.high) {
      return of_no_such_column(value, column);
    }
    return value;
  }
  double number = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  if (!range_of(column.dtype).contains(number)) return of_no_such_column(value, column);
  return ColumnValue(column.dtype == DType::kFp32 ? static_cast<float>(number) : number);
}

}  // namespace skein::preprocess

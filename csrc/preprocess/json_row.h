// Rows of columns as JSON objects: {"age": 39, "city": "Paris"}.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/columns_spec.h"
#include "base/status.h"
#include "preprocess/category_table.h"
#include "preprocess/json_value.h"

namespace skein::preprocess {

inline constexpr size_t kMaxRowBytes = size_t{1} << 20;

// Immutable; threads share it.
class JsonRowReader {
 public:
  JsonRowReader(const std::vector<ColumnSpec>& columns, bool ignore_extra);

  // Reads one row into `cells`, one for each column: strict JSON in UTF-8, each key once, at most
  // kMaxRowBytes. Texts are in `row` unless they are escaped. Fails with what is wrong, but not in
  // which row.
  Status read(std::string_view row, std::span<Cell> cells) const;

 private:
  struct Reading;

  Status read_field(simdjson::ondemand::field& field, Reading& reading) const;
  bool is_named(const simdjson::ondemand::field& field, size_t column) const;
  Result<int32_t> column_of(simdjson::ondemand::field& field) const;
  Status unknown_key(std::string_view key) const;

  std::vector<ColumnSpec> columns_;
  TextTable names_;
  std::vector<uint8_t> plain_;  // by column: whether its name needs no unescaping
  bool ignore_extra_;
};

}  // namespace skein::preprocess

#include "preprocess/json_row.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/quote.h"
#include "preprocess/nearest.h"

namespace skein::preprocess {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr size_t kFirstRowBytes = 4096;

// A copy of a row with the bytes after it that the parser may read, and the parser.
struct Scratch {
  ondemand::parser parser{kMaxRowBytes};
  std::vector<char> row;

  std::string_view padded(std::string_view text) {
    size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
    if (row.size() < needed) row.resize(std::max(needed, kFirstRowBytes));
    std::memcpy(row.data(), text.data(), text.size());
    std::memset(row.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    return {row.data(), text.size()};
  }
};

Scratch& scratch() {
  thread_local Scratch held;
  return held;
}

// Whether `name` can be compared with a key as it is written. The comparison may read as far as the
// padding goes.
bool is_plain(std::string_view name) {
  return name.size() < simdjson::SIMDJSON_PADDING &&
         std::ranges::none_of(name, [](char letter) { return letter == '"' || letter == '\\'; });
}

}  // namespace

struct JsonRowReader::Reading {
  std::string_view row;
  std::string_view copy;  // which the parser sees
  std::span<Cell> cells;
  size_t next = 0;  // the column that the next key names if keys keep the columns' order
};

JsonRowReader::JsonRowReader(const std::vector<ColumnSpec>& columns, bool ignore_extra)
    : columns_(columns), ignore_extra_(ignore_extra) {
  for (const ColumnSpec& column : columns_) {
    names_.add(column.name);
    plain_.push_back(is_plain(column.name) ? 1 : 0);
  }
}

Status JsonRowReader::read(std::string_view row, std::span<Cell> cells) const {
  if (row.size() > kMaxRowBytes) {
    return invalid_argument(std::to_string(row.size()) + " bytes; at most " +
                            std::to_string(kMaxRowBytes) + " are allowed");
  }
  Scratch& own = scratch();
  std::string_view text = own.padded(row);
  ondemand::document document;
  error_code code =
      own.parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
          .get(document);
  if (code) return no_json(code);
  ondemand::object object;
  if ((code = document.get_object().get(object))) return no_json(code);
  for (Cell& cell : cells) cell.state = Cell::State::kAbsent;
  Reading reading{row, text, cells};
  for (auto entry : object) {
    if (entry.error()) return no_json(entry.error());
    ondemand::field&& field = std::move(entry).value_unsafe();  // a copy would stall the loads
    if (Status status = read_field(field, reading); !status.ok()) return status;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return invalid_argument("something follows the JSON object");
  }
  return {};
}

Status JsonRowReader::read_field(ondemand::field& field, Reading& reading) const {
  size_t number = reading.next;
  if (!is_named(field, number)) {
    Result<int32_t> column = column_of(field);
    if (!column.ok()) return column.status();
    if (*column == kUnknownCategory) return pass_value(field.value());
    number = static_cast<size_t>(*column);
  }
  reading.next = number + 1;
  const ColumnSpec& spec = columns_[number];
  Cell& cell = reading.cells[number];
  if (cell.state != Cell::State::kAbsent) {
    return invalid_argument("key " + quote(spec.name) + " is there twice");
  }
  Status status = read_cell(field.value(), spec.dtype, cell);
  if (!status.ok()) {
    return invalid_argument("column " + quote(spec.name) + ": " + status.message());
  }
  if (spec.dtype == DType::kBytes && cell.state == Cell::State::kValue && !cell.escaped) {
    size_t at = static_cast<size_t>(cell.text.data() - reading.copy.data());
    cell.text = reading.row.substr(at, cell.text.size());
  }
  return {};
}

bool JsonRowReader::is_named(const ondemand::field& field, size_t column) const {
  return column < columns_.size() && plain_[column] != 0 &&
         field.key().unsafe_is_equal(columns_[column].name);
}

// The number of the column; kUnknownCategory: a key to be passed over.
Result<int32_t> JsonRowReader::column_of(ondemand::field& field) const {
  std::string_view key;
  if (error_code code = field.unescaped_key().get(key)) return no_json(code);
  int32_t column = names_.find(key);
  if (column == kUnknownCategory && !ignore_extra_) return unknown_key(key);
  return column;
}

Status JsonRowReader::unknown_key(std::string_view key) const {
  std::string message = "unknown key " + quote(key);
  auto near = nearest(key, columns_.size(),
                      [this](size_t i) { return std::string_view(columns_[i].name); });
  if (near) message += "; did you mean " + quote(columns_[*near].name) + "?";
  return invalid_argument(std::move(message));
}

}  // namespace skein::preprocess

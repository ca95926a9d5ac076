#include "preprocess/json_value.h"

#include <cmath>
#include <new>
#include <optional>
#include <string>

#include "base/byte_words.h"
#include "preprocess/output_type.h"
#include "preprocess/value_text.h"

namespace skein::preprocess {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

Status is_no(const char* what, const std::string& value) {
  return invalid_argument("expected " + std::string(what) + ", got " + value);
}

// What a value is, for messages. It may be broken.
std::string shown(ondemand::value value) {
  ondemand::json_type type;
  if (value.type().get(type)) return "no JSON value";
  switch (type) {
    case ondemand::json_type::array:
      return "a list";
    case ondemand::json_type::object:
      return "an object";
    case ondemand::json_type::string: {
      std::string_view text;
      return value.get_string().get(text) ? "a broken text" : "text " + text_of(text);
    }
    case ondemand::json_type::boolean: {
      bool truth = false;
      return value.get_bool().get(truth) ? "no JSON value" : truth ? "true" : "false";
    }
    case ondemand::json_type::null:
      return "null";
    case ondemand::json_type::number: {
      double number = 0;
      return value.get_double().get(number) ? "a number that is malformed or too large"
                                            : text_of(number);
    }
  }
  return "no JSON value";
}

Status read_bool(ondemand::value& value, Cell& cell) {
  bool truth;
  if (value.get_bool().get(truth)) return is_no("true or false", shown(value));
  cell.whole = truth ? 1 : 0;
  cell.number = truth ? 1 : 0;
  return {};
}

Status read_real(ondemand::value& value, DType dtype, Cell& cell) {
  if (value.get_double().get(cell.number)) return is_no("a number", shown(value));
  if (!range_of(dtype).contains(cell.number)) {
    return is_no("a number of datatype FP32", text_of(cell.number));
  }
  if (dtype == DType::kFp32) cell.number = static_cast<float>(cell.number);
  return {};
}

// Whole numbers that are written as fractions or with exponents, which get_int64 does not read.
std::optional<int64_t> whole_of(ondemand::value& value) {
  double number = 0;
  if (value.get_double().get(number)) return std::nullopt;
  if (std::floor(number) != number || std::fabs(number) > 0x1p53) return std::nullopt;
  return static_cast<int64_t>(number);
}

Status read_whole(ondemand::value& value, DType dtype, Cell& cell) {
  uint64_t unsigned_value = 0;
  if (dtype == DType::kUint64 && !value.get_uint64().get(unsigned_value)) {
    cell.whole = static_cast<int64_t>(unsigned_value);
    cell.number = static_cast<double>(unsigned_value);
    return {};
  }
  if (value.get_int64().get(cell.whole)) {
    std::optional<int64_t> whole = whole_of(value);
    if (!whole) return is_no("a whole number", shown(value));
    cell.whole = *whole;
  }
  WholeRange range = whole_range(dtype);
  if (cell.whole < range.low || cell.whole > range.high) {
    return is_no(("a number of datatype " + std::string(name(dtype))).c_str(),
                 std::to_string(cell.whole));
  }
  cell.number = static_cast<double>(cell.whole);
  return {};
}

bool is_space(char letter) {
  return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
}

bool is_escaped(std::string_view text) {
  return !none_of_bytes(text, [](ByteWord word) { return any_equal(word, '\\'); });
}

// A token reaches to the next one: behind the closing quote only spaces may follow.
Status read_text(ondemand::value& value, Cell& cell) {
  std::string_view token = value.raw_json_token();
  if (token.front() != '"') return is_no("text", shown(value));
  size_t size = token.size();
  while (size > 1 && is_space(token[size - 1])) --size;
  if (size < 2 || token[size - 1] != '"') return no_json(simdjson::STRING_ERROR);
  cell.text = token.substr(1, size - 2);
  cell.escaped = is_escaped(cell.text);
  ondemand::raw_json_string passed;
  error_code code =
      cell.escaped ? value.get_string().get(cell.text) : value.get_raw_json_string().get(passed);
  return code ? no_json(code) : Status();
}

error_code pass(ondemand::value value, int deepest);

error_code pass_object(ondemand::value value, int deepest) {
  ondemand::object object;
  if (error_code code = value.get_object().get(object)) return code;
  for (auto entry : object) {
    ondemand::field field;
    if (error_code code = std::move(entry).get(field)) return code;
    if (error_code code = field.unescaped_key().error()) return code;
    if (error_code code = pass(field.value(), deepest - 1)) return code;
  }
  return simdjson::SUCCESS;
}

error_code pass_array(ondemand::value value, int deepest) {
  ondemand::array array;
  if (error_code code = value.get_array().get(array)) return code;
  for (auto entry : array) {
    ondemand::value element;
    if (error_code code = std::move(entry).get(element)) return code;
    if (error_code code = pass(element, deepest - 1)) return code;
  }
  return simdjson::SUCCESS;
}

error_code pass(ondemand::value value, int deepest) {
  ondemand::json_type type;
  if (error_code code = value.type().get(type)) return code;
  switch (type) {
    case ondemand::json_type::object:
      return deepest == 0 ? simdjson::DEPTH_ERROR : pass_object(value, deepest);
    case ondemand::json_type::array:
      return deepest == 0 ? simdjson::DEPTH_ERROR : pass_array(value, deepest);
    case ondemand::json_type::number:
      return value.get_double().error();
    case ondemand::json_type::string:
      return value.get_string().error();
    case ondemand::json_type::boolean:
      return value.get_bool().error();
    case ondemand::json_type::null:
      return value.is_null().error();
  }
  return simdjson::TAPE_ERROR;
}

}  // namespace

Status no_json(error_code code) {
  if (code == simdjson::MEMALLOC) throw std::bad_alloc();
  return invalid_argument(std::string("not a JSON object: ") + simdjson::error_message(code));
}

Status read_cell(ondemand::value& value, DType dtype, Cell& cell) {
  if (value.raw_json_token().front() == 'n') {
    cell.state = Cell::State::kNull;
    return value.is_null().error() ? no_json(simdjson::N_ATOM_ERROR) : Status();
  }
  cell.state = Cell::State::kValue;
  if (dtype == DType::kBytes) return read_text(value, cell);
  if (dtype == DType::kFp32 || dtype == DType::kFp64) return read_real(value, dtype, cell);
  return dtype == DType::kBool ? read_bool(value, cell) : read_whole(value, dtype, cell);
}

Status pass_value(ondemand::value& value) {
  error_code code = pass(value, kDeepestExtra);
  return code ? no_json(code) : Status();
}

}  // namespace skein::preprocess

#include "preprocess/column_block.h"

#include <cmath>
#include <cstring>
#include <string>
#include <type_traits>

namespace skein::preprocess {
namespace {

void all_missing(ColumnBlock& block) {
  block.any_missing = true;
  for (size_t i = 0; i < block.rows; ++i) {
    block.missing[i] = 1;
    block.numbers[i] = 0;
    block.wholes[i] = 0;
    block.texts[i] = {};
  }
}

template <class T>
void load_wholes(const std::byte* from, ColumnBlock& block) {
  block.any_missing = false;
  for (size_t i = 0; i < block.rows; ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    block.wholes[i] = static_cast<int64_t>(value);
    block.numbers[i] = static_cast<double>(value);
  }
}

template <class T>
Status load_reals(const std::byte* from, ColumnBlock& block) {
  double sum_of_nothing = 0;  // stays 0 while all is finite
  for (size_t i = 0; i < block.rows; ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    block.numbers[i] = static_cast<double>(value);
    sum_of_nothing += block.numbers[i] * 0;
  }
  block.any_missing = false;
  if (sum_of_nothing == 0) return {};
  for (size_t i = 0; i < block.rows; ++i) {
    block.missing[i] = std::isnan(block.numbers[i]) ? 1 : 0;
    if (block.missing[i]) {
      block.any_missing = true;
      block.numbers[i] = 0;
    } else if (std::isinf(block.numbers[i])) {
      return invalid_argument(row_name(block, i) +
                              "infinity; expected a finite number, or NaN for a missing one");
    }
  }
  return {};
}

Status load(DType dtype, const std::byte* from, ColumnBlock& block) {
  switch (dtype) {
    case DType::kFp32:
      return load_reals<float>(from, block);
    case DType::kFp64:
      return load_reals<double>(from, block);
    case DType::kBool:
    case DType::kUint8:
      load_wholes<uint8_t>(from, block);
      break;
    case DType::kUint16:
      load_wholes<uint16_t>(from, block);
      break;
    case DType::kUint32:
      load_wholes<uint32_t>(from, block);
      break;
    case DType::kUint64:
      load_wholes<uint64_t>(from, block);
      break;
    case DType::kInt8:
      load_wholes<int8_t>(from, block);
      break;
    case DType::kInt16:
      load_wholes<int16_t>(from, block);
      break;
    case DType::kInt32:
      load_wholes<int32_t>(from, block);
      break;
    case DType::kInt64:
      load_wholes<int64_t>(from, block);
      break;
    default:
      return internal("a column of datatype " + std::string(name(dtype)));
  }
  return {};
}

}  // namespace

std::string row_name(const ColumnBlock& block, size_t row) {
  return "row " + std::to_string(block.first_row + static_cast<int64_t>(row)) + ": ";
}

ColumnKind kind_of(DType dtype) {
  if (dtype == DType::kBytes) return ColumnKind::kText;
  return dtype == DType::kFp32 || dtype == DType::kFp64 ? ColumnKind::kReal : ColumnKind::kWhole;
}

bool ColumnReader::next_text(std::string_view& text) {
  uint32_t length;
  if (tensor_.size - at_ < sizeof length) return false;
  std::memcpy(&length, tensor_.data + at_, sizeof length);
  if (tensor_.size - at_ - sizeof length < length) return false;
  text = {reinterpret_cast<const char*>(tensor_.data + at_ + sizeof length), length};
  at_ += sizeof length + length;
  return true;
}

bool ColumnReader::skip(int64_t rows) {
  if (tensor_.data == nullptr) return true;
  if (tensor_.dtype != DType::kBytes) {
    size_t left = (tensor_.size - at_) / element_size(tensor_.dtype);
    if (static_cast<uint64_t>(rows) > left) return false;
    at_ += static_cast<size_t>(rows) * element_size(tensor_.dtype);
    return true;
  }
  std::string_view text;
  for (int64_t i = 0; i < rows; ++i) {
    if (!next_text(text)) return false;
  }
  return true;
}

Status ColumnReader::read_texts(ColumnBlock& block) {
  block.any_missing = false;
  for (size_t i = 0; i < block.rows; ++i) {
    if (!next_text(block.texts[i])) {
      return invalid_argument(row_name(block, i) + "the tensor ends before its value");
    }
    block.missing[i] = block.texts[i].empty() && empty_is_missing_ ? 1 : 0;
    block.any_missing |= block.missing[i] != 0;
  }
  return {};
}

Status ColumnReader::read(size_t rows, int64_t first_row, ColumnBlock& block) {
  block.rows = rows;
  block.first_row = first_row;
  if (tensor_.data == nullptr) {
    all_missing(block);
    return {};
  }
  if (tensor_.dtype == DType::kBytes) return read_texts(block);
  const std::byte* from = tensor_.data + at_;
  if (!skip(static_cast<int64_t>(rows))) {
    return invalid_argument(row_name(block, rows - 1) + "the tensor ends before its value");
  }
  return load(tensor_.dtype, from, block);
}

}  // namespace skein::preprocess

// Values of one column in some consecutive rows, in the form in which features take them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/columns_spec.h"
#include "base/status.h"
#include "base/tensor.h"

namespace skein::preprocess {

inline constexpr size_t kBlockRows = 64;

enum class ColumnKind : uint8_t { kReal, kWhole, kText };
ColumnKind kind_of(DType dtype);

// Missing values are 0 and "". The arrays belong to a BlockStorage and have room for kBlockRows.
struct ColumnBlock {
  size_t rows = 0;
  int64_t first_row = 0;              // its number in the request, for messages
  bool any_missing = false;           // if false, `missing` says nothing
  uint8_t* missing = nullptr;         // 0 or 1
  double* numbers = nullptr;          // not of kText
  int64_t* wholes = nullptr;          // of kWhole; UINT64 keeps its bits
  std::string_view* texts = nullptr;  // of kText
};

struct BlockStorage {
  std::array<uint8_t, kBlockRows> missing;
  std::array<double, kBlockRows> numbers;
  std::array<int64_t, kBlockRows> wholes;
  std::array<std::string_view, kBlockRows> texts;

  ColumnBlock block() {
    return {.missing = missing.data(),
            .numbers = numbers.data(),
            .wholes = wholes.data(),
            .texts = texts.data()};
  }
};

// "row 7: ", how messages about a value begin.
std::string row_name(const ColumnBlock& block, size_t row);

// Reads the rows of a tensor in order. The tensor's bytes outlive the reader and what it filled.
class ColumnReader {
 public:
  ColumnReader() = default;
  // `tensor`: one value for each of its rows, [rows] or [rows, 1]; data == nullptr: all missing.
  // `empty_is_missing`: of text.
  ColumnReader(const TensorView& tensor, bool empty_is_missing)
      : tensor_(tensor), empty_is_missing_(empty_is_missing) {}

  // Passes over rows; false when the tensor ends before.
  bool skip(int64_t rows);
  // Fills a block of `rows` <= kBlockRows. Fails with what is wrong with which row.
  Status read(size_t rows, int64_t first_row, ColumnBlock& block);

 private:
  bool next_text(std::string_view& text);
  Status read_texts(ColumnBlock& block);

  TensorView tensor_;
  size_t at_ = 0;  // bytes passed
  bool empty_is_missing_ = true;
};

}  // namespace skein::preprocess

// How rows of named columns become the matrix [rows, width] of one model input. A value: every
// default has been decided by the time the data plane gets it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/dtype.h"

namespace skein {

// A value of a column: text of a BYTES column, a whole number of a BOOL or integer one, a number
// of an FP32 or FP64 one.
using ColumnValue = std::variant<int64_t, double, std::string>;

// The number itself.
struct PassThrough {};
// (x - mean) / scale.
struct Standardize {
  double mean = 0;
  double scale = 1;  // not 0
};
// x * scale + min, then cut to low and high.
struct MinMax {
  double scale = 1;
  double min = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
// One output column per category, 1 in the value's own and 0 in the others.
struct OneHot {
  std::vector<ColumnValue> categories;  // of the column's type
  bool ignore_unknown = false;          // true: all 0; false: an error
  int32_t drop = -1;                    // the category that has no output column; -1: none
};
// The number of the category, from 0.
struct Ordinal {
  std::vector<ColumnValue> categories;
  std::optional<double> unknown;  // of other values; none: an error
  std::optional<double> missing;  // with Missing::kCategory; none: the number of categories
};
// MurmurHash3_x86_32 of the text's bytes, or of a whole number's decimal text, modulo `buckets`.
struct HashBuckets {
  uint32_t buckets = 1;  // >= 1
  uint32_t seed = 0;
  bool one_hot = false;  // false: the number of the bucket
};
// The number of boundaries that the value reaches or exceeds.
struct Bucketize {
  std::vector<double> boundaries;  // ascending
  bool one_hot = false;
};
// Whether the value is missing.
struct IsMissing {
  double present = 0;
  double missing = 1;
};
using ColumnTransform = std::variant<PassThrough, Standardize, MinMax, OneHot, Ordinal, HashBuckets,
                                     Bucketize, IsMissing>;

// What becomes of missing values: NaN, JSON null, an absent key, an absent tensor, and the empty
// text unless it is one of the categories.
enum class Missing : uint8_t {
  kError,
  kFill,      // `fill` takes its place
  kNan,       // the output is NaN
  kUnknown,   // like a value that is no category
  kCategory,  // a category of its own, after the others
};

struct ColumnSpec {
  std::string name;
  DType dtype = DType::kFp64;  // what clients send: BOOL, INT*, UINT*, FP32, FP64 or BYTES
};

// Some output columns, made from one column.
struct FeatureSpec {
  uint32_t column = 0;  // into ColumnsSpec::columns
  ColumnTransform transform;
  Missing missing = Missing::kError;
  ColumnValue fill = int64_t{0};
};

struct ColumnsSpec {
  std::vector<ColumnSpec> columns;    // names are distinct
  std::vector<FeatureSpec> features;  // in the order of the output columns
  DType dtype = DType::kFp32;         // of the model's input; not BYTES, BOOL or BF16
  bool ignore_extra = false;          // keys of a JSON row that are no column; false: an error
};

}  // namespace skein

// libFuzzer target: the first byte picks what columns there are, the rest is a JSON row, read alone
// and beside a good row. What is accepted must be numbers that the model's datatype holds.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "preprocess/columns_input.h"

namespace skein::preprocess {
namespace {

#define CHECK(condition)                                                         \
  do {                                                                           \
    if (!(condition)) {                                                          \
      std::fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #condition); \
      std::abort();                                                              \
    }                                                                            \
  } while (false)

using Shared = std::shared_ptr<const ColumnsInput>;

ColumnsSpec every_kind(bool ignore_extra) {
  ColumnsSpec spec{.dtype = DType::kFp32, .ignore_extra = ignore_extra};
  auto add = [&spec](std::string column, DType dtype, ColumnTransform transform) {
    spec.features.push_back({.column = static_cast<uint32_t>(spec.columns.size()),
                             .transform = std::move(transform),
                             .missing = Missing::kError});
    spec.columns.push_back({std::move(column), dtype});
    return &spec.features.back();
  };
  add("a", DType::kFp64, Standardize{1, 2})->missing = Missing::kFill;
  add("b", DType::kFp32, MinMax{1, 2, -1, 1})->missing = Missing::kFill;
  add("c", DType::kInt64, Ordinal{{int64_t{1}, int64_t{2}}, -1})->missing = Missing::kUnknown;
  add("d", DType::kUint64, PassThrough{})->missing = Missing::kFill;
  add("e", DType::kUint8, HashBuckets{7, 1, true})->missing = Missing::kFill;
  add("f", DType::kBool, PassThrough{})->missing = Missing::kFill;
  add("city", DType::kBytes, OneHot{{"Paris", "Rome"}, true})->missing = Missing::kCategory;
  add("with \"quotes\" \\", DType::kBytes, HashBuckets{5})->missing = Missing::kFill;
  spec.features.back().fill = "x";
  return spec;
}

std::vector<Shared> make_inputs() {
  std::vector<Shared> inputs;
  for (bool ignore_extra : {false, true}) {
    auto made = ColumnsInput::create(every_kind(ignore_extra));
    CHECK(made.ok());
    inputs.push_back(*made);
  }
  return inputs;
}

bool run(const ColumnsInput& input, std::span<const std::string_view> rows,
         std::vector<float>& matrix) {
  matrix.assign(rows.size() * input.width(), NAN);
  Status status = input.json_rows(rows, 0, reinterpret_cast<std::byte*>(matrix.data()));
  if (!status.ok()) {
    CHECK(status.code() == Code::kInvalidArgument);
    CHECK(!status.message().empty());
    return false;
  }
  for (float number : matrix) CHECK(std::isfinite(number));
  return true;
}

void run_both(const ColumnsInput& input, std::string_view row) {
  std::vector<float> alone;
  std::vector<float> beside;
  std::vector<std::string_view> rows{R"({"a": 1, "city": "Rome"})", row};
  bool accepted = run(input, {&row, 1}, alone);
  CHECK(accepted == run(input, rows, beside));
  if (!accepted) return;
  size_t bytes = input.row_bytes();
  CHECK(std::memcmp(alone.data(), beside.data() + input.width(), bytes) == 0);
}

}  // namespace
}  // namespace skein::preprocess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<skein::preprocess::Shared> inputs = skein::preprocess::make_inputs();
  if (size == 0) return 0;
  // A copy of its own, so that the sanitizer sees a read past either end.
  size_t length = size - 1;
  std::unique_ptr<char[]> row(new char[length]);
  if (length > 0) std::memcpy(row.get(), data + 1, length);
  skein::preprocess::run_both(*inputs[data[0] % inputs.size()], {row.get(), length});
  return 0;
}

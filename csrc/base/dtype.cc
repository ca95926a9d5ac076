#include "base/dtype.h"

#include <array>

namespace skein {
namespace {

struct Row {
  std::string_view name;
  size_t size;
};

constexpr std::array<Row, kDTypeCount> kRows = {{{"BOOL", 1},
                                                 {"UINT8", 1},
                                                 {"UINT16", 2},
                                                 {"UINT32", 4},
                                                 {"UINT64", 8},
                                                 {"INT8", 1},
                                                 {"INT16", 2},
                                                 {"INT32", 4},
                                                 {"INT64", 8},
                                                 {"FP16", 2},
                                                 {"FP32", 4},
                                                 {"FP64", 8},
                                                 {"BF16", 2},
                                                 {"BYTES", 0}}};

}  // namespace

std::string_view name(DType dtype) { return kRows[static_cast<size_t>(dtype)].name; }

size_t element_size(DType dtype) { return kRows[static_cast<size_t>(dtype)].size; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

}  // namespace skein

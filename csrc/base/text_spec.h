// How the texts of an input become token ids: what the control plane decided. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/dtype.h"

namespace skein {

enum class TextTruncation : uint8_t {
  kRight,  // tokens at the end are left out
  kLeft,   // tokens at the beginning are
  kError,  // the request is refused
};

struct TextSpec {
  int64_t max_length = 0;  // tokens of a row, special ones included; 0: the tokenizer file's
  // Unset: the tokenizer file's direction, kRight where it has none.
  std::optional<TextTruncation> truncation;
  int64_t fixed_length = 0;     // rows are padded to it; 0: to the longest of the request
  int64_t max_bytes = 1 << 20;  // of one text
  // INT64 or INT32. What the model does not take is unset.
  DType ids = DType::kInt64;
  std::optional<DType> mask;
  std::optional<DType> types;
};

}  // namespace skein

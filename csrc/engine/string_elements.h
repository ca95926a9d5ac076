// The elements of a well-formed BYTES tensor in its raw form.
#pragma once

#include <cstring>
#include <span>

#include "base/tensor.h"

namespace skein::engine {

// Element `index`, which must be there.
inline std::span<const std::byte> string_element(const TensorView& view, int64_t index) {
  const std::byte* at = view.data;
  uint32_t length = 0;
  for (std::memcpy(&length, at, sizeof length); index > 0; --index) {
    at += sizeof length + length;
    std::memcpy(&length, at, sizeof length);
  }
  return {at + sizeof length, length};
}

}  // namespace skein::engine

// Memory that threads keep from text to text.
#pragma once

#include <cstddef>

namespace skein::preprocess {

inline constexpr size_t kKeptElements = 1 << 16;

// Gives the memory of a container back when one long text made it large.
template <class Container>
void let_go(Container& container) {
  if (container.capacity() > kKeptElements) Container().swap(container);
}

}  // namespace skein::preprocess

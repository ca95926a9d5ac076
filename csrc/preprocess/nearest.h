// Which known word a client may have meant, for messages.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace skein::preprocess {

// The number of the word, of `count`, that differs from `text` in the fewest letters; none when
// all differ much, or when looking would be expensive.
std::optional<size_t> nearest(std::string_view text, size_t count,
                              const std::function<std::string_view(size_t)>& word);

}  // namespace skein::preprocess

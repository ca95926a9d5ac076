#include "preprocess/nearest.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace skein::preprocess {
namespace {

constexpr size_t kLongestWord = 64;
constexpr size_t kMostWords = 1024;

// Bytes to insert, remove or replace. Neither is longer than kLongestWord.
size_t distance(std::string_view from, std::string_view to) {
  std::array<size_t, kLongestWord + 1> costs;  // of the prefix of `from` against each of `to`
  std::iota(costs.begin(), costs.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = costs[0]++;
    for (size_t j = 0; j < to.size(); ++j) {
      size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({replaced, costs[j] + 1, costs[j + 1] + 1});
    }
  }
  return costs[to.size()];
}

}  // namespace

std::optional<size_t> nearest(std::string_view text, size_t count,
                              const std::function<std::string_view(size_t)>& word) {
  if (text.empty() || text.size() > kLongestWord || count > kMostWords) return std::nullopt;
  std::optional<size_t> found;
  size_t least = std::max<size_t>(1, text.size() / 3) + 1;
  for (size_t i = 0; i < count; ++i) {
    std::string_view known = word(i);
    size_t longer = std::max(known.size(), text.size());
    if (known.empty() || longer - std::min(known.size(), text.size()) >= least) continue;
    if (known.size() > kLongestWord) continue;
    size_t letters = distance(text, known);
    if (letters < least && letters < longer) {
      least = letters;
      found = i;
    }
  }
  return found;
}

}  // namespace skein::preprocess

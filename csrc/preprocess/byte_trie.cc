#include "preprocess/byte_trie.h"

#include <algorithm>

namespace skein::preprocess {
namespace {

// Entries [first, last) share the bytes that lead to `node`, `depth` of them.
struct Open {
  uint32_t node;
  size_t first;
  size_t last;
  size_t depth;
};

}  // namespace

ByteTrie::ByteTrie(std::vector<std::pair<std::string, int64_t>> entries) : nodes_(1), labels_(1) {
  std::sort(entries.begin(), entries.end());
  std::vector<Open> queue = {{kRoot, 0, entries.size(), 0}};
  for (size_t head = 0; head < queue.size(); ++head) {
    auto [node, first, last, depth] = queue[head];
    if (first < last && entries[first].first.size() == depth) {
      nodes_[node].value = entries[first].second;
      ++first;
    }
    nodes_[node].first = static_cast<uint32_t>(nodes_.size());
    while (first < last) {
      char label = entries[first].first[depth];
      size_t end = first;
      while (end < last && entries[end].first[depth] == label) ++end;
      queue.push_back({static_cast<uint32_t>(nodes_.size()), first, end, depth + 1});
      nodes_.emplace_back();
      labels_.push_back(label);
      ++nodes_[node].count;
      first = end;
    }
  }
}

uint32_t ByteTrie::walk(uint32_t node, std::string_view text) const {
  for (char byte : text) {
    node = child(node, byte);
    if (node == kNowhere) break;
  }
  return node;
}

int64_t ByteTrie::find(std::string_view text) const {
  uint32_t node = walk(kRoot, text);
  return node == kNowhere ? kNone : nodes_[node].value;
}

ByteTrie::Found ByteTrie::longest(uint32_t node, std::string_view text) const {
  Found found;
  for (size_t at = 0; at < text.size(); ++at) {
    node = child(node, text[at]);
    if (node == kNowhere) break;
    if (nodes_[node].value >= 0) found = {nodes_[node].value, at + 1};
  }
  return found;
}

}  // namespace skein::preprocess

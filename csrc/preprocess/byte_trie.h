// Strings of bytes with a number each, found by exact or by longest match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::preprocess {

class ByteTrie {
 public:
  static constexpr uint32_t kRoot = 0;
  static constexpr uint32_t kNowhere = UINT32_MAX;
  static constexpr int64_t kNone = -1;

  struct Found {
    int64_t value = kNone;
    size_t size = 0;  // bytes that matched
  };

  ByteTrie() : nodes_(1), labels_(1) {}
  // The strings are distinct; those with a value below 0 count as absent.
  explicit ByteTrie(std::vector<std::pair<std::string, int64_t>> entries);

  // The node that `text` leads to from `node`; kNowhere: none.
  uint32_t walk(uint32_t node, std::string_view text) const;
  // The value of exactly `text`.
  int64_t find(std::string_view text) const;
  // The longest string of one byte or more that `text` begins with, from `node`.
  Found longest(uint32_t node, std::string_view text) const;

 private:
  struct Node {
    uint32_t first = 0;  // child; its siblings follow it
    uint32_t count = 0;
    int64_t value = kNone;
  };
  uint32_t child(uint32_t node, char byte) const {
    const Node& parent = nodes_[node];
    const char* labels = labels_.data() + parent.first;
    const void* found = std::memchr(labels, byte, parent.count);
    if (found == nullptr) return kNowhere;
    return parent.first + static_cast<uint32_t>(static_cast<const char*>(found) - labels);
  }

  std::vector<Node> nodes_;
  std::vector<char> labels_;  // of each node: the byte that leads to it
};

}  // namespace skein::preprocess

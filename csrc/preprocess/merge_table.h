// Which two neighbouring tokens of a BPE vocabulary may be merged, and into what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skein::preprocess {

struct MergeRule {
  uint32_t left = 0;
  uint32_t right = 0;
  uint32_t rank = 0;  // lower ones are merged first
  uint32_t merged = 0;
};

// A hash table with linear probing, at most half full.
class MergeTable {
 public:
  MergeTable() : MergeTable(std::vector<MergeRule>()) {}
  // Of rules for the same pair the last one counts.
  explicit MergeTable(const std::vector<MergeRule>& rules);

  // nullptr: the two are never merged. Valid as long as the table.
  const MergeRule* find(uint32_t left, uint32_t right) const {
    for (size_t at = slot(left, right);; at = (at + 1) & mask_) {
      const MergeRule& rule = rules_[at];
      if (rule.left == left && rule.right == right) return &rule;
      if (rule.left == kEmpty) return nullptr;
    }
  }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;

  size_t slot(uint32_t left, uint32_t right) const {
    uint64_t pair = static_cast<uint64_t>(left) << 32 | right;
    return static_cast<size_t>(pair * 0x9e3779b97f4a7c15u >> 20) & mask_;
  }

  std::vector<MergeRule> rules_;
  size_t mask_ = 0;
};

}  // namespace skein::preprocess

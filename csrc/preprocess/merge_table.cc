#include "preprocess/merge_table.h"

#include <bit>

namespace skein::preprocess {

MergeTable::MergeTable(const std::vector<MergeRule>& rules)
    : rules_(std::bit_ceil(rules.size() * 2 + 2), {.left = kEmpty}), mask_(rules_.size() - 1) {
  for (const MergeRule& rule : rules) {
    size_t at = slot(rule.left, rule.right);
    auto holds_another = [&](const MergeRule& held) {
      return held.left != kEmpty && (held.left != rule.left || held.right != rule.right);
    };
    while (holds_another(rules_[at])) at = (at + 1) & mask_;
    rules_[at] = rule;
  }
}

}  // namespace skein::preprocess

// Computes the output columns of a feature.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "preprocess/column_block.h"
#include "preprocess/feature_plan.h"

namespace skein::preprocess {

// Writes plan.width numbers for each row of the block, those of the first at `to`, of the next
// `row_bytes` on. Fails with what is wrong with which row; what was written then means nothing.
Status apply(const FeaturePlan& plan, const ColumnBlock& block, std::byte* to, size_t row_bytes);

// What rows with `value`, which is one of the column, get.
Result<Outcome> outcome_of(const FeaturePlan& plan, const ColumnValue& value);

// The output column of a category; -1: it has none.
int32_t slot_of(int32_t category, int32_t drop);

}  // namespace skein::preprocess

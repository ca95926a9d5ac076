#include "preprocess/feature_plan.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/quote.h"
#include "preprocess/feature.h"
#include "preprocess/value_text.h"

namespace skein::preprocess {
namespace {

Status check_number(double number, const FeaturePlan& plan, const char* key) {
  bool whole = is_real(plan.output) || std::floor(number) == number;
  bool nan = std::isnan(number) && is_real(plan.output);
  if (nan || (whole && plan.range.contains(number))) return {};
  return invalid_argument(std::string(key) + ": " + text_of(number) + " is no number of datatype " +
                          std::string(name(plan.output)) + ", the model's");
}

Status check_finite(double number, const char* key) {
  if (std::isfinite(number)) return {};
  return invalid_argument(std::string(key) + ": " + text_of(number) + " should be finite");
}

Status needs_numbers(const FeaturePlan& plan, const char* transform) {
  if (plan.kind != ColumnKind::kText) return {};
  return invalid_argument(std::string(transform) + " needs a column of numbers, not BYTES");
}

Status needs_real_output(const FeaturePlan& plan, const char* transform) {
  if (is_real(plan.output)) return {};
  return invalid_argument(std::string(transform) + " makes fractions, which the model's " +
                          std::string(name(plan.output)) + " cannot hold");
}

Status set_width(size_t width, FeaturePlan& plan) {
  if (width > kMaxWidth) {
    return invalid_argument(std::to_string(width) + " columns; at most " +
                            std::to_string(kMaxWidth) + " are supported");
  }
  plan.width = width;
  plan.one_hot = true;
  return {};
}

// Of numbers from 0 to `count` - 1 in one column.
Status check_codes(size_t count, const FeaturePlan& plan) {
  return check_number(static_cast<double>(count) - 1, plan, "the largest number");
}

Status add_category(const ColumnValue& value, FeaturePlan& plan) {
  Result<ColumnValue> category = as_column_value(value, plan.column);
  if (!category.ok()) return category.status();
  bool added = false;
  if (auto* text = std::get_if<std::string>(&*category)) {
    added = plan.texts.add(*text);
  } else if (auto* whole = std::get_if<int64_t>(&*category)) {
    added = plan.numbers.add(*whole);
  } else {
    added = plan.numbers.add(NumberTable::key(std::get<double>(*category)));
  }
  return added ? Status() : invalid_argument(text_of(value) + " is there twice");
}

Status add_categories(const std::vector<ColumnValue>& categories, FeaturePlan& plan) {
  if (categories.empty()) return invalid_argument("categories: at least one is needed");
  if (categories.size() >= kMaxWidth) {
    return invalid_argument("categories: " + std::to_string(categories.size()) + "; at most " +
                            std::to_string(kMaxWidth - 1) + " are supported");
  }
  for (size_t i = 0; i < categories.size(); ++i) {
    Status status = add_category(categories[i], plan);
    if (status.ok()) continue;
    return invalid_argument("categories[" + std::to_string(i) + "]: " + status.message());
  }
  return {};
}

Status take(const PassThrough&, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = needs_numbers(plan, "a feature without a transform"); !status.ok()) {
    return status;
  }
  return plan.kind == ColumnKind::kWhole
             ? Status()
             : needs_real_output(plan, plan.column.dtype == DType::kFp32 ? "FP32" : "FP64");
}

Status take(const Standardize& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = needs_numbers(plan, "standardize"); !status.ok()) return status;
  if (Status status = needs_real_output(plan, "standardize"); !status.ok()) return status;
  if (Status status = check_finite(transform.mean, "standardize.mean"); !status.ok()) return status;
  if (transform.scale == 0)
    return invalid_argument("standardize.scale: 0 should be another number");
  return check_finite(transform.scale, "standardize.scale");
}

Status take(const MinMax& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = needs_numbers(plan, "min_max"); !status.ok()) return status;
  if (Status status = needs_real_output(plan, "min_max"); !status.ok()) return status;
  if (Status status = check_finite(transform.scale, "min_max.scale"); !status.ok()) return status;
  if (Status status = check_finite(transform.min, "min_max.min"); !status.ok()) return status;
  if (transform.low <= transform.high) return {};
  return invalid_argument("min_max.low: " + text_of(transform.low) + " should be at most high, " +
                          text_of(transform.high));
}

Status take(const OneHot& transform, const FeatureSpec& spec, FeaturePlan& plan) {
  if (Status status = add_categories(transform.categories, plan); !status.ok()) return status;
  size_t known = transform.categories.size() + (spec.missing == Missing::kCategory ? 1 : 0);
  if (transform.drop < -1 || transform.drop >= static_cast<int32_t>(known)) {
    return invalid_argument("one_hot.drop: " + std::to_string(transform.drop) +
                            " is the number of no category");
  }
  plan.drop = transform.drop;
  plan.unknown.allowed = transform.ignore_unknown;
  return set_width(known - (transform.drop >= 0 ? 1 : 0), plan);
}

Status take(const Ordinal& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = add_categories(transform.categories, plan); !status.ok()) return status;
  if (transform.unknown) {
    plan.unknown = {.allowed = true, .number = *transform.unknown};
    Status status = check_number(*transform.unknown, plan, "ordinal.unknown_value");
    if (!status.ok()) return status;
  }
  return check_codes(transform.categories.size(), plan);
}

Status take(const HashBuckets& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (plan.kind == ColumnKind::kReal) {
    return invalid_argument("hash needs a column of texts or whole numbers, not " +
                            std::string(name(plan.column.dtype)));
  }
  if (transform.buckets < 1 || transform.buckets > INT32_MAX) {
    return invalid_argument("hash.buckets: " + std::to_string(transform.buckets) +
                            " should be 1 to " + std::to_string(INT32_MAX));
  }
  return transform.one_hot ? set_width(transform.buckets, plan)
                           : check_codes(transform.buckets, plan);
}

Status take(const Bucketize& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = needs_numbers(plan, "bucketize"); !status.ok()) return status;
  const std::vector<double>& boundaries = transform.boundaries;
  for (size_t i = 0; i < boundaries.size(); ++i) {
    if (Status status = check_finite(boundaries[i], "bucketize.boundaries"); !status.ok()) {
      return status;
    }
    if (i == 0 || boundaries[i - 1] < boundaries[i]) continue;
    return invalid_argument("bucketize.boundaries[" + std::to_string(i) +
                            "]: " + text_of(boundaries[i]) + " should be over " +
                            text_of(boundaries[i - 1]));
  }
  return transform.one_hot ? set_width(boundaries.size() + 1, plan)
                           : check_codes(boundaries.size() + 1, plan);
}

Status take(const IsMissing& transform, const FeatureSpec&, FeaturePlan& plan) {
  if (Status status = check_number(transform.present, plan, "is_missing.present"); !status.ok())
    return status;
  plan.missing = {.allowed = true, .number = transform.missing};
  return check_number(transform.missing, plan, "is_missing.missing");
}

Status missing_is_unknown(FeaturePlan& plan) {
  if (!plan.unknown.allowed) {
    return invalid_argument(
        "missing: unknown needs a one_hot or ordinal that allows unknown values");
  }
  plan.missing = plan.unknown;
  return {};
}

Status missing_is_nan(FeaturePlan& plan) {
  if (plan.one_hot || !is_real(plan.output)) {
    return invalid_argument(
        "missing: nan needs one output column and a model whose input is FP16, FP32 or FP64");
  }
  plan.missing = {.allowed = true, .number = std::nan("")};
  return {};
}

Status missing_is_category(FeaturePlan& plan) {
  const std::vector<ColumnValue>* categories = plan.categories();
  if (categories == nullptr) return invalid_argument("missing: category needs one_hot or ordinal");
  int32_t number = static_cast<int32_t>(categories->size());
  plan.missing.allowed = true;
  if (plan.one_hot) {
    plan.missing.slot = slot_of(number, plan.drop);
    return {};
  }
  plan.missing.number = std::get<Ordinal>(plan.transform).missing.value_or(number);
  return check_number(plan.missing.number, plan, "ordinal.missing_value");
}

Status missing_is_filled(const ColumnValue& fill, FeaturePlan& plan) {
  Result<ColumnValue> value = as_column_value(fill, plan.column);
  if (!value.ok()) return invalid_argument("fill: " + value.status().message());
  Result<Outcome> outcome = outcome_of(plan, *value);
  if (!outcome.ok()) return invalid_argument("fill: " + outcome.status().message());
  plan.missing = *outcome;
  return {};
}

Status take_missing(const FeatureSpec& spec, FeaturePlan& plan) {
  if (spec.missing != Missing::kError && std::holds_alternative<IsMissing>(spec.transform)) {
    return invalid_argument("is_missing goes with no other rule for missing values");
  }
  switch (spec.missing) {
    case Missing::kError:
      return {};
    case Missing::kFill:
      return missing_is_filled(spec.fill, plan);
    case Missing::kNan:
      return missing_is_nan(plan);
    case Missing::kUnknown:
      return missing_is_unknown(plan);
    case Missing::kCategory:
      return missing_is_category(plan);
  }
  return internal("a rule for missing values that there is not");
}

}  // namespace

const std::vector<ColumnValue>* FeaturePlan::categories() const {
  if (auto* one_hot_transform = std::get_if<OneHot>(&transform)) {
    return &one_hot_transform->categories;
  }
  auto* ordinal = std::get_if<Ordinal>(&transform);
  return ordinal == nullptr ? nullptr : &ordinal->categories;
}

Result<FeaturePlan> plan_feature(const FeatureSpec& spec, const ColumnSpec& column, DType output) {
  FeaturePlan plan{.column = column,
                   .transform = spec.transform,
                   .kind = kind_of(column.dtype),
                   .output = output,
                   .range = range_of(output)};
  Status status = std::visit([&](const auto& transform) { return take(transform, spec, plan); },
                             spec.transform);
  if (status.ok()) status = take_missing(spec, plan);
  if (!status.ok()) return status;
  return plan;
}

}  // namespace skein::preprocess

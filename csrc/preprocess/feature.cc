#include "preprocess/feature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

#include "preprocess/murmur_hash.h"
#include "preprocess/nearest.h"
#include "preprocess/value_text.h"

namespace skein::preprocess {
namespace {

constexpr size_t kValuesShown = 8;

// One of the two per row, as the feature is one-hot or not.
struct Results {
  std::array<double, kBlockRows> numbers;
  std::array<int32_t, kBlockRows> slots;
};

void hash_values(const HashBuckets& hash, const FeaturePlan& plan, const ColumnBlock& block,
                 int32_t* found) {
  for (size_t i = 0; i < block.rows; ++i) {
    std::array<char, 24> digits;
    std::string_view bytes = block.texts[i];
    if (plan.kind == ColumnKind::kWhole) {
      char* end =
          plan.column.dtype == DType::kUint64
              ? std::to_chars(digits.data(), digits.data() + digits.size(),
                              static_cast<uint64_t>(block.wholes[i]))
                    .ptr
              : std::to_chars(digits.data(), digits.data() + digits.size(), block.wholes[i]).ptr;
      bytes = {digits.data(), end};
    }
    found[i] = static_cast<int32_t>(murmur3_32(bytes, hash.seed) % hash.buckets);
  }
}

void find_buckets(const Bucketize& bucketize, const ColumnBlock& block, int32_t* found) {
  const std::vector<double>& boundaries = bucketize.boundaries;
  for (size_t i = 0; i < block.rows; ++i) {
    auto over = std::upper_bound(boundaries.begin(), boundaries.end(), block.numbers[i]);
    found[i] = static_cast<int32_t>(over - boundaries.begin());
  }
}

void find_categories(const FeaturePlan& plan, const ColumnBlock& block, int32_t* found) {
  switch (plan.kind) {
    case ColumnKind::kText:
      for (size_t i = 0; i < block.rows; ++i) found[i] = plan.texts.find(block.texts[i]);
      break;
    case ColumnKind::kWhole:
      for (size_t i = 0; i < block.rows; ++i) found[i] = plan.numbers.find(block.wholes[i]);
      break;
    case ColumnKind::kReal:
      for (size_t i = 0; i < block.rows; ++i) {
        found[i] = plan.numbers.find(NumberTable::key(block.numbers[i]));
      }
      break;
  }
}

// False when `plan` counts values instead of computing with them.
bool compute(const FeaturePlan& plan, const ColumnBlock& block, double* numbers) {
  const double* values = block.numbers;
  if (std::holds_alternative<PassThrough>(plan.transform)) {
    std::copy_n(values, block.rows, numbers);
  } else if (auto* standardize = std::get_if<Standardize>(&plan.transform)) {
    for (size_t i = 0; i < block.rows; ++i) {
      numbers[i] = (values[i] - standardize->mean) / standardize->scale;
    }
  } else if (auto* min_max = std::get_if<MinMax>(&plan.transform)) {
    for (size_t i = 0; i < block.rows; ++i) {
      double scaled = values[i] * min_max->scale + min_max->min;
      numbers[i] = std::min(std::max(scaled, min_max->low), min_max->high);
    }
  } else if (auto* is_missing = std::get_if<IsMissing>(&plan.transform)) {
    std::fill_n(numbers, block.rows, is_missing->present);
  } else {
    return false;
  }
  return true;
}

void count(const FeaturePlan& plan, const ColumnBlock& block, int32_t* found) {
  if (auto* hash = std::get_if<HashBuckets>(&plan.transform)) {
    hash_values(*hash, plan, block, found);
  } else if (auto* bucketize = std::get_if<Bucketize>(&plan.transform)) {
    find_buckets(*bucketize, block, found);
  } else {
    find_categories(plan, block, found);
  }
}

bool is_missing(const ColumnBlock& block, size_t row) {
  return block.any_missing && block.missing[row] != 0;
}

std::string allowed_values(const FeaturePlan& plan) {
  const std::vector<ColumnValue>& categories = *plan.categories();
  std::string text;
  for (size_t i = 0; i < std::min(categories.size(), kValuesShown); ++i) {
    text += (i > 0 ? ", " : "") + text_of(categories[i]);
  }
  if (categories.size() > kValuesShown) {
    text += " and " + std::to_string(categories.size() - kValuesShown) + " others";
  }
  return text;
}

Status unknown_category(const FeaturePlan& plan, const ColumnBlock& block, size_t row) {
  std::string message = row_name(block, row) + text_of(block, row, plan.column.dtype) +
                        " is none of the categories: " + allowed_values(plan);
  if (plan.kind == ColumnKind::kText) {
    auto near = nearest(block.texts[row], plan.texts.size(), [&plan](size_t number) {
      return plan.texts.text(static_cast<int32_t>(number));
    });
    if (near) {
      message += "; did you mean " + text_of(plan.texts.text(static_cast<int32_t>(*near))) + "?";
    }
  }
  return invalid_argument(std::move(message));
}

// Turns numbers of categories into the row's result.
Status place(const FeaturePlan& plan, const ColumnBlock& block, Results& results) {
  for (size_t i = 0; i < block.rows; ++i) {
    int32_t found = results.slots[i];
    results.slots[i] = slot_of(found, plan.drop);
    results.numbers[i] = found;
    if (found != kUnknownCategory || is_missing(block, i)) continue;
    if (!plan.unknown.allowed) return unknown_category(plan, block, i);
    results.slots[i] = plan.unknown.slot;
    results.numbers[i] = plan.unknown.number;
  }
  return {};
}

Status check_range(const FeaturePlan& plan, const ColumnBlock& block, const double* numbers) {
  bool fit = true;
  for (size_t i = 0; i < block.rows; ++i) fit &= plan.range.contains(numbers[i]);
  if (fit) return {};
  for (size_t i = 0; i < block.rows; ++i) {
    if (plan.range.contains(numbers[i]) || is_missing(block, i)) continue;
    return invalid_argument(row_name(block, i) + text_of(block, i, plan.column.dtype) +
                            " becomes " + text_of(numbers[i]) + ", which the model's " +
                            std::string(name(plan.output)) + " cannot hold");
  }
  return {};
}

Status evaluate(const FeaturePlan& plan, const ColumnBlock& block, Results& results) {
  if (compute(plan, block, results.numbers.data())) {
    return check_range(plan, block, results.numbers.data());
  }
  count(plan, block, results.slots.data());
  return place(plan, block, results);
}

Status fill_missing(const FeaturePlan& plan, const ColumnBlock& block, Results& results) {
  for (size_t i = 0; i < block.rows; ++i) {
    if (block.missing[i] == 0) continue;
    if (!plan.missing.allowed) {
      return invalid_argument(row_name(block, i) + "the value is missing, and nothing stands in");
    }
    results.numbers[i] = plan.missing.number;
    results.slots[i] = plan.missing.slot;
  }
  return {};
}

template <class T>
void store_numbers(const double* numbers, size_t rows, std::byte* to, size_t row_bytes) {
  for (size_t i = 0; i < rows; ++i) {
    T value = narrowed<T>(numbers[i]);
    std::memcpy(to + i * row_bytes, &value, sizeof value);
  }
}

template <class T>
void store_slots(const int32_t* slots, size_t width, size_t rows, std::byte* to, size_t row_bytes) {
  const T one = narrowed<T>(1);
  for (size_t i = 0; i < rows; ++i) {
    std::byte* row = to + i * row_bytes;
    std::memset(row, 0, width * sizeof(T));
    if (slots[i] >= 0)
      std::memcpy(row + static_cast<size_t>(slots[i]) * sizeof(T), &one, sizeof one);
  }
}

}  // namespace

int32_t slot_of(int32_t category, int32_t drop) {
  if (drop < 0 || category < drop) return category;
  return category == drop ? -1 : category - 1;
}

Result<Outcome> outcome_of(const FeaturePlan& plan, const ColumnValue& value) {
  BlockStorage storage;
  ColumnBlock block = storage.block();
  block.rows = 1;
  block.wholes[0] = 0;
  block.numbers[0] = 0;
  if (auto* text = std::get_if<std::string>(&value)) {
    block.texts[0] = *text;
  } else if (auto* whole = std::get_if<int64_t>(&value)) {
    block.wholes[0] = *whole;
    block.numbers[0] = static_cast<double>(*whole);
  } else {
    block.numbers[0] = std::get<double>(value);
  }
  Results results;
  if (Status status = evaluate(plan, block, results); !status.ok()) return status;
  return Outcome{true, results.numbers[0], results.slots[0]};
}

Status apply(const FeaturePlan& plan, const ColumnBlock& block, std::byte* to, size_t row_bytes) {
  Results results;
  if (Status status = evaluate(plan, block, results); !status.ok()) return status;
  if (block.any_missing) {
    if (Status status = fill_missing(plan, block, results); !status.ok()) return status;
  }
  with_output_type(plan.output, [&]<class T>(T) {
    if (plan.one_hot) {
      store_slots<T>(results.slots.data(), plan.width, block.rows, to, row_bytes);
    } else {
      store_numbers<T>(results.numbers.data(), block.rows, to, row_bytes);
    }
  });
  return {};
}

}  // namespace skein::preprocess

#include "engine/shape_key.h"

#include <algorithm>

#include "base/padding.h"

namespace skein::engine {
namespace {

// One step of FNV-1a.
uint64_t mix(uint64_t hash, int64_t dim) {
  constexpr uint64_t kBasis = 0xcbf29ce484222325;
  constexpr uint64_t kPrime = 0x100000001b3;
  return ((hash == scheduling::kOneShape ? kBasis : hash) ^ static_cast<uint64_t>(dim)) * kPrime;
}

}  // namespace

scheduling::QueueKey shape_key(const ModelSpec& spec, std::span<const TensorView> inputs,
                               int64_t length) {
  if (!spec.batched()) return scheduling::kOneShape;
  uint64_t key = scheduling::kOneShape;
  if (spec.padding.enabled()) key = 1 + bucket_of(length, spec.padding.buckets);
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t axis = 1; axis < spec.inputs[i].dims.rank(); ++axis) {
      if (spec.inputs[i].dims[axis] >= 0 || is_padded(spec.padding, i)) continue;
      key = std::max<uint64_t>(1, mix(key, inputs[i].shape[axis]));
    }
  }
  return key;
}

}  // namespace skein::engine

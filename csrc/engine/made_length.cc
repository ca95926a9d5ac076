#include "engine/made_length.h"

#include "base/padding.h"
#include "base/quote.h"

namespace skein::engine {
Status settle_length(const ModelSpec& spec, protocol::InferRequest& request) {
  if (!spec.padding.enabled()) return {};
  const TensorSpec* first = nullptr;
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (!is_padded(spec.padding, i)) continue;
    const Shape& declared = spec.inputs[i].dims;
    for (size_t axis = 1; axis < declared.rank(); ++axis) {
      if (declared[axis] >= 0) continue;
      int64_t length = request.inputs[i].shape[axis];
      if (first == nullptr) {
        first = &spec.inputs[i];
        request.length = length;
      } else if (length != request.length) {
        return invalid_argument("input " + quote(spec.inputs[i].name) + " has the length " +
                                std::to_string(length) + ", but input " + quote(first->name) +
                                " has " + std::to_string(request.length) +
                                "; padded inputs must be equally long");
      }
    }
  }
  return {};
}

}  // namespace skein::engine

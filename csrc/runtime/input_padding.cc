#include "runtime/input_padding.h"

#include <algorithm>

#include "base/corner_copy.h"
#include "base/padding.h"
#include "runtime/element_values.h"

namespace skein::runtime {
namespace {

double padding_value(const PaddingSpec& padding, size_t index) {
  auto found = std::ranges::find(padding.inputs, index, &PaddingSpec::Input::index);
  return found == padding.inputs.end() ? 0 : found->value;  // the mask is not listed
}

}  // namespace

InputPadding::InputPadding(const ModelSpec& spec, size_t index)
    : declared_(spec.inputs[index].dims) {
  DType dtype = spec.inputs[index].dtype;
  append_value(padding_, dtype, padding_value(spec.padding, index));
  append_value(data_, dtype, 1);
}

Shape InputPadding::padded(const Shape& shape, int64_t length) const {
  return with_length(shape, declared_, length);
}

void InputPadding::copy(const TensorView& view, std::byte* to, const Shape& shape) const {
  CornerCopy{padding_.size(), padding_, data_}(view.data, view.shape, to, shape);
}

}  // namespace skein::runtime

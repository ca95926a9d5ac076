#include "postprocess/softmax.h"

#include <cmath>
#include <limits>
#include <vector>

#include "postprocess/elements.h"

namespace skein::postprocess {
namespace {

void store(std::byte* to, Float16, double value) {
  const Float16 half = float16_of(value);
  std::memcpy(to, &half, sizeof half);
}
void store(std::byte* to, BFloat16, double value) {
  const BFloat16 bfloat = bfloat16_of(value);
  std::memcpy(to, &bfloat, sizeof bfloat);
}
template <std::floating_point Number>
void store(std::byte* to, Number, double value) {
  const auto rounded = static_cast<Number>(value);
  std::memcpy(to, &rounded, sizeof rounded);
}

template <class Element, class Number>
void soften_line(const std::byte* from, std::byte* to, std::vector<Number>& powers) {
  Number largest = -std::numeric_limits<Number>::infinity();
  for (size_t i = 0; i < powers.size(); ++i) {
    powers[i] = widened(load<Element>(from + i * sizeof(Element)));
    if (powers[i] > largest) largest = powers[i];
  }
  double sum = 0;
  for (Number& power : powers) {
    power = std::exp(power - largest);
    sum += static_cast<double>(power);
  }
  for (size_t i = 0; i < powers.size(); ++i) {
    store(to + i * sizeof(Element), Element{}, static_cast<double>(powers[i]) / sum);
  }
}

template <class Element>
void soften(const TensorView& scores, std::byte* to) {
  using Number = decltype(widened(Element{}));
  thread_local std::vector<Number> powers;  // working space, as long as the longest line
  const size_t rank = scores.shape.rank();
  const size_t width = rank == 0 ? 1 : static_cast<size_t>(scores.shape[rank - 1]);
  powers.resize(width);
  const size_t bytes = width * sizeof(Element);
  for (size_t at = 0; at < scores.size; at += bytes) {
    soften_line<Element>(scores.data + at, to + at, powers);
  }
}

}  // namespace

void softmax(const TensorView& scores, std::byte* to) {
  with_element(scores.dtype, [&]<class Element>(Element) {
    if constexpr (std::floating_point<decltype(widened(Element{}))>) soften<Element>(scores, to);
  });
}

}  // namespace skein::postprocess

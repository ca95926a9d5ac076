#include "postprocess/classification.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "postprocess/elements.h"

namespace skein::postprocess {
namespace {

constexpr size_t kLongestNumber = 320;  // the largest FP64 has 309 digits before the point
constexpr size_t kKeptText = 1u << 20;  // bytes of working space that a thread keeps

template <class Number>
struct Score {
  Number value;
  size_t index;
};

// A total order: best first.
template <class Number>
bool is_ahead(const Score<Number>& a, const Score<Number>& b) {
  if (a.value > b.value) return true;
  if (a.value < b.value) return false;
  if constexpr (std::floating_point<Number>) {
    if (std::isnan(a.value) != std::isnan(b.value)) return std::isnan(b.value);
  }
  return a.index < b.index;
}

// The `count` best of a row, best first: a heap with the worst of them on top.
template <class Element, class Number>
void choose(const std::byte* row, size_t elements, size_t count, std::vector<Score<Number>>& best) {
  best.clear();
  for (size_t i = 0; i < elements; ++i) {
    const Score<Number> score{widened(load<Element>(row + i * sizeof(Element))), i};
    if (best.size() < count) {
      best.push_back(score);
      std::push_heap(best.begin(), best.end(), is_ahead<Number>);
    } else if (is_ahead(score, best.front())) {
      std::pop_heap(best.begin(), best.end(), is_ahead<Number>);
      best.back() = score;
      std::push_heap(best.begin(), best.end(), is_ahead<Number>);
    }
  }
  std::sort_heap(best.begin(), best.end(), is_ahead<Number>);
}

template <class Number>
void append_number(std::string& text, Number value) {
  char digits[kLongestNumber];
  std::to_chars_result end{};
  if constexpr (std::floating_point<Number>) {
    if (std::isnan(value)) value = std::abs(value);  // no "-nan"
    end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 6);
  } else {
    end = std::to_chars(digits, digits + sizeof digits, value);
  }
  text.append(digits, end.ptr);
}

// One element of the raw form: a length of four bytes and the text.
template <class Number>
void append_class(std::string& raw, const Score<Number>& score,
                  const std::vector<std::string>* labels) {
  const size_t begin = raw.size() + sizeof(uint32_t);
  raw.resize(begin);
  append_number(raw, score.value);
  raw += ':';
  append_number(raw, score.index);
  if (labels != nullptr && score.index < labels->size() && !(*labels)[score.index].empty()) {
    raw += ':';
    raw += (*labels)[score.index];
  }
  const auto length = static_cast<uint32_t>(raw.size() - begin);
  std::memcpy(raw.data() + begin - sizeof length, &length, sizeof length);
}

template <class Element>
void append_rows(const TensorView& scores, size_t rows, size_t elements, size_t count,
                 const std::vector<std::string>* labels, std::string& raw) {
  using Number = decltype(widened(Element{}));
  thread_local std::vector<Score<Number>> best;
  for (size_t row = 0; row < rows; ++row) {
    const std::byte* data = scores.data + row * elements * sizeof(Element);
    choose<Element>(data, elements, count, best);
    for (const Score<Number>& score : best) append_class(raw, score, labels);
  }
  if (best.capacity() > kKeptText / sizeof(Score<Number>)) best = {};
}

Classes packed(const std::string& raw, const Shape& shape) {
  Ref<Buffer> owner = Buffer::allocate(raw.size());
  if (!raw.empty()) std::memcpy(owner->data(), raw.data(), raw.size());
  return {{DType::kBytes, shape, owner->data(), raw.size()}, std::move(owner)};
}

}  // namespace

Classes classify(const TensorView& scores, const ClassOptions& options) {
  thread_local std::string raw;
  const bool by_row = options.batched && scores.shape.rank() > 0;
  const size_t rows = by_row ? static_cast<size_t>(scores.shape[0]) : 1;
  const size_t total = scores.size / element_size(scores.dtype);
  const size_t elements = rows == 0 ? 0 : total / rows;
  const size_t count = std::min<size_t>(options.count, elements);
  raw.clear();
  with_element(scores.dtype, [&]<class Element>(Element) {
    append_rows<Element>(scores, rows, elements, count, options.labels, raw);
  });
  const auto columns = static_cast<int64_t>(count);
  Classes classes = packed(raw, by_row ? Shape{scores.shape[0], columns} : Shape{columns});
  if (raw.capacity() > kKeptText) raw = {};
  return classes;
}

}  // namespace skein::postprocess

#include "scheduling/wording.h"

#include <array>
#include <charconv>
#include <cmath>

namespace skein::scheduling {
namespace {

// Two digits below 10 ms, whole milliseconds above.
template <class Round>
std::string milliseconds(Duration duration, Round round) {
  double value = std::chrono::duration<double, std::milli>(duration).count();
  int digits = value < 1 ? 2 : value < 10 ? 1 : 0;
  double scale = digits == 2 ? 100 : digits == 1 ? 10 : 1;
  std::array<char, 64> text;
  auto end = std::to_chars(text.begin(), text.end(), round(value * scale) / scale,
                           std::chars_format::fixed, digits)
                 .ptr;
  return std::string(text.data(), end) + " ms";
}

}  // namespace

std::string at_least(Duration duration) {
  return milliseconds(duration, [](double value) { return std::floor(value); });
}

std::string at_most(Duration duration) {
  return milliseconds(duration, [](double value) { return std::ceil(value); });
}

}  // namespace skein::scheduling

#include "scheduling/wording.h"

#include <array>
#include <charconv>

namespace skein::scheduling {

std::string milliseconds(Duration duration) {
  double value = std::chrono::duration<double, std::milli>(duration).count();
  std::array<char, 64> text;
  int digits = value < 1 ? 2 : value < 100 ? 1 : 0;
  auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, digits).ptr;
  return std::string(text.data(), end) + " ms";
}

}  // namespace skein::scheduling

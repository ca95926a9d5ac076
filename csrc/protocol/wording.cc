#include "protocol/wording.h"

#include "protocol/utf8.h"

namespace skein::protocol {
namespace {

constexpr size_t kLongestQuote = 128;  // bytes; messages travel in headers, which are bounded
constexpr size_t kLongestListing = 16;

}  // namespace

std::string quoted(std::string_view text) {
  std::string_view shown = utf8_prefix(text, kLongestQuote);
  std::string result = "'" + std::string(shown) + "'";
  if (shown.size() < text.size()) {
    result += "... (" + std::to_string(text.size()) + " bytes)";
  }
  return result;
}

std::string input_label(std::string_view input, const ModelSpec& spec) {
  return "input " + quoted(input) + " of model " + quoted(spec.name);
}

std::string listing(const std::vector<TensorSpec>& tensors) {
  if (tensors.empty()) return "(none)";
  std::string list;
  for (size_t i = 0; i < tensors.size() && i < kLongestListing; ++i) {
    if (i > 0) list += ", ";
    list += quoted(tensors[i].name) + " (" + std::string(name(tensors[i].dtype)) + " " +
            to_string(tensors[i].dims) + ")";
  }
  if (tensors.size() > kLongestListing) {
    list += " and " + std::to_string(tensors.size() - kLongestListing) + " more";
  }
  return list;
}

}  // namespace skein::protocol

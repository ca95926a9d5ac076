#include "protocol/wording.h"

namespace skein::protocol {
namespace {

constexpr size_t kLongestListing = 16;

}  // namespace

std::string input_label(std::string_view input, const ModelSpec& spec) {
  return "input " + quote(input) + " of model " + quote(spec.name);
}

std::string listing(const std::vector<TensorSpec>& tensors) {
  if (tensors.empty()) return "(none)";
  std::string list;
  for (size_t i = 0; i < tensors.size() && i < kLongestListing; ++i) {
    if (i > 0) list += ", ";
    list += quote(tensors[i].name) + " (" + std::string(name(tensors[i].dtype)) + " " +
            to_string(tensors[i].dims) + ")";
  }
  if (tensors.size() > kLongestListing) {
    list += " and " + std::to_string(tensors.size() - kLongestListing) + " more";
  }
  return list;
}

}  // namespace skein::protocol

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

std::string input_listing(const ModelSpec& spec) {
  std::string tensors = listing(spec.inputs);
  if (spec.raw_inputs.empty()) return tensors;
  return listing(spec.raw_inputs) + ", or as the model takes them: " + tensors;
}

std::string datatypes_of(std::string_view input, const ModelSpec& spec) {
  std::vector<std::string_view> names;
  for (const std::vector<TensorSpec>* tensors : {&spec.raw_inputs, &spec.inputs}) {
    for (const TensorSpec& tensor : *tensors) {
      if (tensor.name == input) names.push_back(name(tensor.dtype));
    }
  }
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 < names.size() ? ", " : " or ";
    list += names[i];
  }
  return list;
}

}  // namespace skein::protocol

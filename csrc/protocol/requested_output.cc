#include "protocol/requested_output.h"

#include <algorithm>
#include <limits>

#include "protocol/fields.h"
#include "protocol/tensor_parameters.h"
#include "protocol/utf8.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

struct RequestedOutput {
  std::string_view name;
  TensorParameters parameters;
};

Status read_fields(Bytes message, const std::byte* origin, RequestedOutput& output) {
  WireReader reader(message, origin);
  Field field;
  while (reader.next(field)) {
    if (field.tag == tag_of(requested_output::kName, WireType::kBytes)) {
      if (!read_text(field.bytes, output.name)) return bad_utf8("outputs.name");
    } else if (field.tag == tag_of(requested_output::kParameters, WireType::kBytes)) {
      Status status = output.parameters.read(field.bytes, origin);
      if (!status.ok()) return status;
    }
  }
  return reader.status();
}

std::string output_label(std::string_view output, const ModelSpec& spec) {
  return "requested output " + quote(output) + " of model " + quote(spec.name);
}

// How many classes the parameter asks for; 0 where it is not given.
Result<uint32_t> read_classes(const Parameter& parameter, const TensorSpec& tensor,
                              const ModelSpec& spec) {
  using Kind = Parameter::Kind;
  if (parameter.kind == Kind::kNone) return 0u;
  auto refuse = [&](std::string why) {
    return invalid_argument(output_label(tensor.name, spec) + ": classification (" +
                            parameter.describe() + ") " + std::move(why));
  };
  const bool whole = parameter.kind == Kind::kInt64 || parameter.kind == Kind::kUint64;
  const bool negative = parameter.kind == Kind::kInt64 && static_cast<int64_t>(parameter.bits) < 0;
  if (!whole || negative || parameter.bits == 0) {
    return refuse("must be an int64_param of 1 or more, the number of classes");
  }
  if (tensor.dtype == DType::kBytes || tensor.dtype == DType::kBool) {
    return refuse("needs an output of numbers, not " + std::string(name(tensor.dtype)) +
                  "; request it as it is");
  }
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::min(parameter.bits, kMost));
}

}  // namespace

Status add_output(Bytes message, const std::byte* origin, const ModelSpec& spec,
                  InferRequest& request) {
  RequestedOutput output;
  if (Status status = read_fields(message, origin, output); !status.ok()) return status;
  auto found = std::find_if(spec.outputs.begin(), spec.outputs.end(),
                            [&](const TensorSpec& tensor) { return tensor.name == output.name; });
  if (found == spec.outputs.end()) {
    return invalid_argument("model " + quote(spec.name) + " has no output " + quote(output.name) +
                            "; its outputs are " + listing(spec.outputs));
  }
  uint32_t index = static_cast<uint32_t>(found - spec.outputs.begin());
  if (std::ranges::find(request.outputs, index) != request.outputs.end()) {
    return invalid_argument(output_label(output.name, spec) +
                            " is named twice; request each output once");
  }
  auto label = [&] { return output_label(output.name, spec); };
  if (Status status = refuse_shared_memory(output.parameters, label); !status.ok()) return status;
  Result<uint32_t> classes = read_classes(output.parameters.classification, *found, spec);
  if (!classes.ok()) return classes.status();
  request.outputs.push_back(index);
  request.classes.push_back(*classes);
  return {};
}

}  // namespace skein::protocol

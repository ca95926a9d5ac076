#include "protocol/requested_output.h"

#include <algorithm>

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

Status check_parameters(const RequestedOutput& output, const ModelSpec& spec) {
  auto label = [&] { return output_label(output.name, spec); };
  if (Status status = refuse_shared_memory(output.parameters, label); !status.ok()) return status;
  if (!output.parameters.classification.is_set()) return {};
  return unimplemented(label() + ": classification (" +
                       output.parameters.classification.describe() +
                       ") is not supported; request the tensor and rank it in the client");
}

}  // namespace

Status add_output(Bytes message, const std::byte* origin, const ModelSpec& spec,
                  std::vector<uint32_t>& outputs) {
  RequestedOutput output;
  if (Status status = read_fields(message, origin, output); !status.ok()) return status;
  auto found = std::find_if(spec.outputs.begin(), spec.outputs.end(),
                            [&](const TensorSpec& tensor) { return tensor.name == output.name; });
  if (found == spec.outputs.end()) {
    return invalid_argument("model " + quote(spec.name) + " has no output " + quote(output.name) +
                            "; its outputs are " + listing(spec.outputs));
  }
  uint32_t index = static_cast<uint32_t>(found - spec.outputs.begin());
  if (std::find(outputs.begin(), outputs.end(), index) != outputs.end()) {
    return invalid_argument(output_label(output.name, spec) +
                            " is named twice; request each output once");
  }
  outputs.push_back(index);
  return check_parameters(output, spec);
}

}  // namespace skein::protocol

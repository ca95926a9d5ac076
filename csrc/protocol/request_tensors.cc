#include "protocol/request_tensors.h"

#include "protocol/fields.h"
#include "protocol/request_input.h"
#include "protocol/requested_output.h"

namespace skein::protocol {

void RequestTensors::reset(const ModelSpec& spec) {
  inputs.clear();
  raw.clear();
  raw_count = 0;
  claimed.assign(spec.inputs.size(), 0);
  claimed_raw.assign(spec.raw_inputs.size(), 0);
}

Status read_tensors(Bytes message, const ModelSpec& spec, RequestTensors& tensors,
                    InferRequest& request) {
  const std::byte* origin = message.data();
  WireReader reader(message, origin);
  Field field;
  Status status;
  while (status.ok() && reader.next(field)) {
    switch (field.tag) {
      case tag_of(infer_request::kInputs, WireType::kBytes):
        status = add_input(field.bytes, origin, spec, tensors);
        break;
      case tag_of(infer_request::kOutputs, WireType::kBytes):
        status = add_output(field.bytes, origin, spec, request);
        break;
      case tag_of(infer_request::kRawInputContents, WireType::kBytes):
        if (tensors.raw_count++ <= spec.inputs.size() + spec.raw_inputs.size()) {
          tensors.raw.push_back(field.bytes);
        }
        break;
      default:
        break;
    }
  }
  return status.ok() ? reader.status() : status;
}

}  // namespace skein::protocol

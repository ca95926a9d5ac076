#include <algorithm>

#include "protocol/fields.h"
#include "protocol/infer_request.h"
#include "protocol/request_parameters.h"
#include "protocol/utf8.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

int64_t RequestHead::claimed_rows() const {
  WireReader reader(first_input, first_input.data());
  Field field;
  while (reader.next(field)) {
    uint64_t rows = field.value;
    if (field.tag == tag_of(input_tensor::kShape, WireType::kBytes)) {
      const std::byte* at = field.bytes.data();
      if (!read_varint(at, at + field.bytes.size(), rows)) break;
    } else if (field.tag != tag_of(input_tensor::kShape, WireType::kVarint)) {
      continue;
    }
    return std::max<int64_t>(1, static_cast<int64_t>(rows));
  }
  return 1;
}

Result<RequestHead> read_head(std::span<const std::byte> message) {
  RequestHead head;
  RequestParameters parameters;
  bool has_parameters = false;
  WireReader reader(message, message.data());
  Field field;
  while (reader.next(field)) {
    switch (field.tag) {
      case tag_of(infer_request::kModelName, WireType::kBytes):
        if (!read_text(field.bytes, head.model_name)) return bad_utf8("model_name");
        break;
      case tag_of(infer_request::kModelVersion, WireType::kBytes):
        if (!read_text(field.bytes, head.model_version)) return bad_utf8("model_version");
        break;
      case tag_of(infer_request::kId, WireType::kBytes):
        if (!read_text(field.bytes, head.id)) return bad_utf8("id");
        break;
      case tag_of(infer_request::kParameters, WireType::kBytes): {
        ParameterEntry entry;
        Status status = read_parameter(field.bytes, message.data(), entry);
        if (!status.ok()) return status;
        parameters.add(entry);
        has_parameters = true;
        break;
      }
      case tag_of(infer_request::kInputs, WireType::kBytes):
        if (head.first_input.empty()) head.first_input = field.bytes;
        break;
      default:
        break;
    }
  }
  Status status = reader.status();
  if (status.ok() && has_parameters) status = parameters.apply_to(head);
  if (!status.ok()) return status;
  return head;
}

}  // namespace skein::protocol

#include "protocol/parameter.h"

#include <bit>

#include "protocol/fields.h"
#include "protocol/utf8.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

using Kind = Parameter::Kind;

// A oneof: the last member on the wire wins.
Status read_value(Bytes message, const std::byte* origin, Parameter& value) {
  WireReader reader(message, origin);
  Field field;
  while (reader.next(field)) {
    switch (field.tag) {
      case tag_of(infer_parameter::kBool, WireType::kVarint):
        value = {Kind::kBool, field.value != 0, {}};
        break;
      case tag_of(infer_parameter::kInt64, WireType::kVarint):
        value = {Kind::kInt64, field.value, {}};
        break;
      case tag_of(infer_parameter::kString, WireType::kBytes):
        value = {Kind::kString, 0, as_text(field.bytes)};
        if (!is_utf8(value.text)) return bad_utf8("InferParameter.string_param");
        break;
      case tag_of(infer_parameter::kDouble, WireType::kFixed64):
        value = {Kind::kDouble, field.value, {}};
        break;
      case tag_of(infer_parameter::kUint64, WireType::kVarint):
        value = {Kind::kUint64, field.value, {}};
        break;
      default:
        break;
    }
  }
  return reader.status();
}

}  // namespace

bool Parameter::is_set() const {
  if (kind == Kind::kDouble) return std::bit_cast<double>(bits) != 0.0;
  return bits != 0 || !text.empty();
}

std::string Parameter::describe() const {
  switch (kind) {
    case Kind::kBool:
      return bits != 0 ? "bool_param true" : "bool_param false";
    case Kind::kInt64:
      return "int64_param " + std::to_string(static_cast<int64_t>(bits));
    case Kind::kString:
      return "string_param " + quote(text);
    case Kind::kDouble:
      return "double_param " + std::to_string(std::bit_cast<double>(bits));
    case Kind::kUint64:
      return "uint64_param " + std::to_string(bits);
    case Kind::kNone:
      break;
  }
  return "no value";
}

Status read_parameter(Bytes entry, const std::byte* origin, ParameterEntry& parameter) {
  WireReader reader(entry, origin);
  Field field;
  while (reader.next(field)) {
    if (field.tag == tag_of(map_entry::kKey, WireType::kBytes)) {
      if (!read_text(field.bytes, parameter.key)) return bad_utf8("parameters.key");
    } else if (field.tag == tag_of(map_entry::kValue, WireType::kBytes)) {
      if (Status status = read_value(field.bytes, origin, parameter.value); !status.ok()) {
        return status;
      }
    }
  }
  return reader.status();
}

}  // namespace skein::protocol

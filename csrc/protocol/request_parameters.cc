#include "protocol/request_parameters.h"

namespace skein::protocol {
namespace {

Status read_count(std::string_view key, const Parameter& value, uint64_t& count) {
  bool integer = value.kind == Parameter::Kind::kUint64 ||
                 (value.kind == Parameter::Kind::kInt64 && static_cast<int64_t>(value.bits) >= 0);
  if (!integer) {
    return invalid_argument("request parameter '" + std::string(key) +
                            "': expected a non-negative int64_param or uint64_param, got " +
                            value.describe());
  }
  count = value.bits;
  return {};
}

Status refuse_sequence(std::string_view key, const Parameter& value) {
  if (!value.is_set()) return {};
  return unimplemented("request parameter '" + std::string(key) + "' is " + value.describe() +
                       ", but sequences (stateful models) are not supported; send requests "
                       "without sequence_id, sequence_start and sequence_end");
}

}  // namespace

void RequestParameters::add(const ParameterEntry& entry) {
  if (entry.key == "timeout") {
    timeout_ = entry.value;
    has_timeout_ = true;
  } else if (entry.key == "priority") {
    priority_ = entry.value;
    has_priority_ = true;
  } else if (entry.key == "sequence_id") {
    sequence_id_ = entry.value;
  } else if (entry.key == "sequence_start") {
    sequence_start_ = entry.value;
  } else if (entry.key == "sequence_end") {
    sequence_end_ = entry.value;
  }
}

Status RequestParameters::apply_to(RequestHead& head) const {
  Status status;
  if (has_timeout_) status = read_count("timeout", timeout_, head.timeout_us);
  if (status.ok() && has_priority_) status = read_count("priority", priority_, head.priority);
  if (status.ok()) status = refuse_sequence("sequence_id", sequence_id_);
  if (status.ok()) status = refuse_sequence("sequence_start", sequence_start_);
  if (status.ok()) status = refuse_sequence("sequence_end", sequence_end_);
  return status;
}

}  // namespace skein::protocol

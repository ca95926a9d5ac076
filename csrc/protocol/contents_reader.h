// Walks the typed contents of one input. A client may split a repeated field into any number of
// packed runs and single values, and `contents` itself into several messages; protobuf's meaning
// of all that is concatenation in wire order.
#pragma once

#include <array>
#include <cstdint>

#include "base/status.h"
#include "protocol/fields.h"
#include "protocol/request_tensors.h"
#include "protocol/wire_reader.h"

namespace skein::protocol {

// Calls visit(const Field&) -> Status for every field of every `contents` message.
template <class Visit>
Status visit_contents(const RequestInput& input, Visit&& visit) {
  WireReader outer(input.message, input.origin);
  Field message;
  while (outer.next(message)) {
    if (message.tag != tag_of(input_tensor::kContents, WireType::kBytes)) continue;
    WireReader inner(message.bytes, input.origin);
    Field field;
    while (inner.next(field)) {
      if (Status status = visit(field); !status.ok()) return status;
    }
    if (Status status = inner.status(); !status.ok()) return status;
  }
  return outer.status();
}

struct ContentsSummary {
  std::array<uint64_t, tensor_contents::kLast + 1> elements{};  // by field number
  uint64_t text_bytes = 0;  // of all bytes_contents elements together
  uint32_t chunks = 0;      // non-empty runs or values
  Bytes last_chunk;         // the last non-empty packed run
};

// Counts without converting. INTERNAL for packed runs that hold no whole number of elements.
Status summarize_contents(const RequestInput& input, ContentsSummary& summary);

// The name of a contents field, e.g. "fp32_contents".
std::string_view contents_field_name(uint32_t field);

}  // namespace skein::protocol

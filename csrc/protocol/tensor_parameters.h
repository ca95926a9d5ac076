// Parameters of one input or requested output. The ones that would change what is computed or
// where it goes are refused; all others (binary_data among them) are ignored.
#pragma once

#include <string>

#include "base/status.h"
#include "protocol/parameter.h"

namespace skein::protocol {

struct TensorParameters {
  Parameter shared_memory_region;
  Parameter classification;

  // Takes one map entry; the last of a key wins. INTERNAL when it is no protobuf.
  Status read(Bytes entry, const std::byte* origin);
};

// UNIMPLEMENTED if a region is named. `label()` says whose parameter it is: "input 'x' of …".
template <class Label>
Status refuse_shared_memory(const TensorParameters& parameters, Label label) {
  if (!parameters.shared_memory_region.is_set()) return {};
  return unimplemented(label() + ": shared_memory_region (" +
                       parameters.shared_memory_region.describe() +
                       ") is not supported; send and receive tensors in the messages");
}

}  // namespace skein::protocol

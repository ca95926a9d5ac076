// What the runs of a slot on a device have in common.
#pragma once

#include <memory>
#include <vector>

#include "runtime/bound_input.h"
#include "runtime/bound_output.h"
#include "runtime/session.h"

namespace skein::runtime {

struct BoundSlot {
  // Takes memory on the stream's device. The specification has passed check_spec().
  static Result<BoundSlot> create(std::shared_ptr<Session> session, const ModelSpec& spec,
                                  const std::shared_ptr<const Stream>& stream);

  std::shared_ptr<Session> session;
  ModelSpec spec;  // its strings name what is bound
  Handle<OrtMemoryInfo> memory;
  std::vector<BoundInput> inputs;
  std::vector<BoundOutput> outputs;
};

}  // namespace skein::runtime

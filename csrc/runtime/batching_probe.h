// Whether a model treats dimension 0 as a batch, found by running it.
#pragma once

#include "runtime/session.h"

namespace skein::runtime {

// See OnnxModel::probe_batching.
Result<bool> batches_rows(const std::shared_ptr<Session>& session);

}  // namespace skein::runtime

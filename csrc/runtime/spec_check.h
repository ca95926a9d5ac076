// Whether a ModelSpec fits the tensors of its model file.
#pragma once

#include "runtime/session.h"

namespace skein::runtime {

// INVALID_ARGUMENT naming the tensor that the file lacks, needs and does not get, or declares
// with another datatype or shape.
Status check_spec(const Session& session, const ModelSpec& spec);

}  // namespace skein::runtime

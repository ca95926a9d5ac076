// Which requests may share a batch, as a number.
#pragma once

#include <span>

#include "base/model_spec.h"
#include "scheduling/request.h"

namespace skein::engine {

// Of a request's inputs (one per ModelSpec::inputs) and its length: kOneShape when no two requests
// can differ in their inner dimensions, never that otherwise. Different shape classes may have the
// same key (a client could construct that): the queue tells them apart.
scheduling::QueueKey shape_key(const ModelSpec& spec, std::span<const TensorView> inputs,
                               int64_t length);

}  // namespace skein::engine

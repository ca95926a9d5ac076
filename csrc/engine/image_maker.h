// Makes an input from pictures: encoded, or their pixels.
#pragma once

#include "engine/input_maker.h"

namespace skein::engine {

// INVALID_ARGUMENT when the specification cannot be followed.
Result<std::unique_ptr<const InputMaker>> make_image_maker(const ModelSpec& spec,
                                                           const RawGroup& group);

}  // namespace skein::engine

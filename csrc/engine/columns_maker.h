// Makes an input from rows of named columns: one tensor per column, or JSON objects.
#pragma once

#include "engine/input_maker.h"

namespace skein::engine {

// INVALID_ARGUMENT when the specification cannot be followed.
Result<std::unique_ptr<const InputMaker>> make_columns_maker(const ModelSpec& spec,
                                                             const RawGroup& group);

}  // namespace skein::engine

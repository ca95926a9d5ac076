// Makes token ids, and where the model takes them mask and types, from texts.
#pragma once

#include "engine/input_maker.h"

namespace skein::engine {

// INVALID_ARGUMENT or UNIMPLEMENTED when the tokenizer's file cannot be followed.
Result<std::unique_ptr<const InputMaker>> make_text_maker(const ModelSpec& spec,
                                                          const RawGroup& group);

}  // namespace skein::engine

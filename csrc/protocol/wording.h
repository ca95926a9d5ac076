// How messages to clients name things.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_spec.h"

namespace skein::protocol {

// 'text', shortened when a client made it long. `text` must be UTF-8.
std::string quoted(std::string_view text);

// "input 'x' of model 'm'".
std::string input_label(std::string_view input, const ModelSpec& spec);

// "'x' (FP32 [-1,16]), 'y' (…)"; long lists are cut with a count of the rest.
std::string listing(const std::vector<TensorSpec>& tensors);

}  // namespace skein::protocol

// How messages to clients name things.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_spec.h"
#include "base/quote.h"

namespace skein::protocol {

// "input 'x' of model 'm'".
std::string input_label(std::string_view input, const ModelSpec& spec);

// "'x' (FP32 [-1,16]), 'y' (…)"; long lists are cut with a count of the rest.
std::string listing(const std::vector<TensorSpec>& tensors);

}  // namespace skein::protocol

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

// The same of all that clients may send: raw inputs, then the tensors.
std::string input_listing(const ModelSpec& spec);

// "FP32", or "BYTES, UINT8 or FP32" where raw inputs share the name of a tensor.
std::string datatypes_of(std::string_view input, const ModelSpec& spec);

}  // namespace skein::protocol

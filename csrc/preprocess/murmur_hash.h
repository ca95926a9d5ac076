// MurmurHash3_x86_32 (Austin Appleby, public domain): the hash of `hash` features, part of what a
// model was trained on, so it never changes. Equal to sklearn.utils.murmurhash3_32(positive=True).
#pragma once

#include <cstdint>
#include <string_view>

namespace skein::preprocess {

uint32_t murmur3_32(std::string_view bytes, uint32_t seed);

}  // namespace skein::preprocess

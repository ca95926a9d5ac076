// What a post-processor puts around the tokens of a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"

namespace skein::preprocess {

class TokenizerNode;

struct FrameToken {
  uint32_t id = 0;
  uint32_t type = 0;
};

struct TokenFrame {
  std::vector<FrameToken> before;
  std::vector<FrameToken> after;
  uint32_t type = 0;  // of the tokens between

  size_t size() const { return before.size() + after.size(); }
};

// post_processor of a tokenizer file; nullopt: it has none.
Result<TokenFrame> read_token_frame(const std::optional<TokenizerNode>& node);

}  // namespace skein::preprocess

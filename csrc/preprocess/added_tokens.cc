#include "preprocess/added_tokens.h"

#include <algorithm>

#include "base/utf8.h"
#include "preprocess/unicode.h"

namespace skein::preprocess {
namespace {

char32_t first_character(std::string_view text) {
  const char* at = text.data();
  return next_character(at);
}

// Where the last character of `text` starts.
size_t last_start(std::string_view text) {
  size_t at = text.size() - 1;
  while ((text[at] & 0xc0) == 0x80) --at;
  return at;
}

bool starts_with_word(std::string_view text) {
  return !text.empty() && (properties(first_character(text)) & kWord) != 0;
}

bool ends_with_word(std::string_view text) {
  return !text.empty() && starts_with_word(text.substr(last_start(text)));
}

size_t leading_space(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    const char* next = at;
    if ((properties(next_character(next)) & kSpace) == 0) break;
    at = next;
  }
  return static_cast<size_t>(at - text.data());
}

size_t without_trailing_space(std::string_view text) {
  while (!text.empty()) {
    size_t last = last_start(text);
    if ((properties(first_character(text.substr(last))) & kSpace) == 0) break;
    text = text.substr(0, last);
  }
  return text.size();
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::vector<std::pair<std::string, int64_t>> entries;
  for (size_t index = 0; index < tokens_.size(); ++index) {
    entries.emplace_back(tokens_[index].content, static_cast<int64_t>(index));
    starts_[static_cast<uint8_t>(tokens_[index].content[0])] = true;
  }
  trie_ = ByteTrie(std::move(entries));
}

void AddedTokens::split(std::string_view text, std::vector<TextPart>& parts) const {
  size_t done = 0;   // everything before stands in parts
  size_t space = 0;  // up to here white space was stripped: runs of it are looked at once
  for (size_t at = 0; at < text.size() && !tokens_.empty();) {
    if (!starts_[static_cast<uint8_t>(text[at])]) {
      ++at;
      continue;
    }
    ByteTrie::Found found = trie_.longest(ByteTrie::kRoot, text.substr(at));
    if (found.size == 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<size_t>(found.value)];
    size_t begin = at;
    size_t end = at + found.size;
    at = end;
    if (token.single_word &&
        (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end)))) {
      continue;
    }
    if (token.strip_left && begin > done) {
      begin = done + without_trailing_space(text.substr(done, begin - done));
    } else if (token.strip_left) {
      begin = done;
    }
    if (token.strip_right && end < space) {
      end = space;
    } else if (token.strip_right) {
      end += leading_space(text.substr(end));
      space = end;
    }
    if (done < begin) parts.push_back({done, begin});
    parts.push_back({begin, end, token.id});
    done = end;
  }
  if (done != text.size()) parts.push_back({done, text.size()});
}

}  // namespace skein::preprocess

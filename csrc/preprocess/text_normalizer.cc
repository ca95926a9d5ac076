#include "preprocess/text_normalizer.h"

#include <algorithm>
#include <string_view>

#include "base/byte_words.h"
#include "base/utf8.h"
#include "preprocess/working_memory.h"

namespace skein::preprocess {
namespace {

bool is_ascii(std::string_view text) { return none_of_bytes(text, any_above_ascii); }

bool is_ascii_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// The blocks of ideographs that BertNormalizer puts between blanks.
bool is_chinese(char32_t c) {
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
         (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f) ||
         (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

// Working memory of each thread.
std::u32string& characters_of_thread() {
  thread_local std::u32string characters;
  let_go(characters);
  characters.clear();
  return characters;
}

template <class Visit>
void each_character(std::string_view text, Visit visit) {
  for (const char* at = text.data(); at != text.data() + text.size();) visit(next_character(at));
}

void write(const std::u32string& characters, std::string& text) {
  text.clear();
  for (char32_t character : characters) append_character(character, text);
}

void lower_ascii(std::string& text) {
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte | 0x20);
  }
}

void lower(std::string& text) {
  if (is_ascii(text)) return lower_ascii(text);
  std::u32string& characters = characters_of_thread();
  each_character(text, [&](char32_t c) { append_lower(c, characters); });
  write(characters, text);
}

void strip_accents(std::string& text) {
  if (is_ascii(text)) return;
  std::u32string& characters = characters_of_thread();
  each_character(text, [&](char32_t c) {
    if ((properties(c) & kMark) == 0) characters.push_back(c);
  });
  write(characters, text);
}

void bring_into_form(NormalForm form, std::string& text) {
  if (is_ascii(text)) return;
  bool changes = false;
  each_character(text, [&](char32_t c) { changes = changes || may_change(c, form); });
  if (!changes) return;
  bool compatible = form == NormalForm::kNfkd || form == NormalForm::kNfkc;
  std::u32string& characters = characters_of_thread();
  each_character(text, [&](char32_t c) { append_decomposed(c, compatible, characters); });
  order_marks(characters);
  if (form == NormalForm::kNfc || form == NormalForm::kNfkc) compose(characters);
  write(characters, text);
}

void strip(bool left, bool right, std::string& text) {
  size_t first = std::string::npos;  // the first byte that stays
  size_t last = 0;                   // one behind the last
  const char* start = text.data();
  for (const char* at = start; at != start + text.size();) {
    const char* before = at;
    if ((properties(next_character(at)) & kSpace) != 0) continue;
    first = std::min(first, static_cast<size_t>(before - start));
    last = static_cast<size_t>(at - start);
  }
  bool all_space = first == std::string::npos;
  if (all_space && (left || right)) return text.clear();
  if (right) text.resize(last);
  if (left) text.erase(0, first);
}

void replace(std::string_view pattern, std::string_view content, std::string& text) {
  thread_local std::string replaced;
  size_t at = text.find(pattern);
  if (at == std::string::npos) return;
  replaced.clear();
  size_t done = 0;
  for (; at != std::string::npos; at = text.find(pattern, done)) {
    replaced.append(text, done, at - done).append(content);
    done = at + pattern.size();
  }
  replaced.append(text, done);
  text.swap(replaced);
  let_go(replaced);
}

}  // namespace

void TextNormalizer::run(const Step& step, std::string& text) {
  switch (step.kind) {
    case Kind::kBert:
      return is_ascii(text) ? run_bert_ascii(step, text) : run_bert(step, text);
    case Kind::kLower:
      return lower(text);
    case Kind::kForm:
      return bring_into_form(step.form, text);
    case Kind::kStripAccents:
      return strip_accents(text);
    case Kind::kStrip:
      return strip(step.left, step.right, text);
    case Kind::kReplace:
      return replace(step.pattern, step.content, text);
    case Kind::kPrepend:
      if (!text.empty()) text.insert(0, step.content);
      return;
  }
}

void TextNormalizer::run_bert_ascii(const Step& step, std::string& text) {
  if (step.clean) {
    auto is_removed = [](char byte) {
      return (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    };
    auto is_control = [](char byte) { return byte < ' ' || byte == 0x7f; };
    if (std::any_of(text.begin(), text.end(), is_control)) {
      text.erase(std::remove_if(text.begin(), text.end(), is_removed), text.end());
      std::replace_if(text.begin(), text.end(), is_ascii_space, ' ');
    }
  }
  if (step.lower) lower_ascii(text);
}

void TextNormalizer::run_bert(const Step& step, std::string& text) {
  std::u32string& characters = characters_of_thread();
  bool unordered = false;
  each_character(text, [&](char32_t c) {
    uint16_t found = properties(c);
    if (step.clean && (found & kRemoved) != 0) return;
    if (step.clean && (found & kSpace) != 0) c = ' ';
    bool apart = step.chinese && is_chinese(c);
    if (apart) characters.push_back(' ');
    if (step.accents) {
      unordered = unordered || may_change(c, NormalForm::kNfd);
      append_decomposed(c, false, characters);
    } else {
      characters.push_back(c);
    }
    if (apart) characters.push_back(' ');
  });
  if (unordered) order_marks(characters);
  text.clear();
  thread_local std::u32string lowered;
  for (char32_t character : characters) {
    if (step.accents && (properties(character) & kNonspacing) != 0) continue;
    if (!step.lower) {
      append_character(character, text);
      continue;
    }
    lowered.clear();
    append_lower(character, lowered);
    for (char32_t part : lowered) append_character(part, text);
  }
}

}  // namespace skein::preprocess

#include "preprocess/word_splitter.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "preprocess/unicode.h"

namespace skein::preprocess {
namespace {

constexpr uint8_t kGap = 1;    // white space, between words
constexpr uint8_t kAlone = 2;  // punctuation, a word of its own

constexpr bool is_ascii_punctuation(int byte) {
  return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') ||
         (byte >= '[' && byte <= '`') || (byte >= '{' && byte <= '~');
}

constexpr std::array<uint8_t, 128> make_bert_classes() {
  std::array<uint8_t, 128> classes{};
  for (int byte = 0; byte < 128; ++byte) {
    bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
    classes[byte] = space ? kGap : is_ascii_punctuation(byte) ? kAlone : 0;
  }
  return classes;
}
constexpr std::array<uint8_t, 128> kBertClasses = make_bert_classes();

// Class of the character at `at`, which is moved behind it.
uint8_t bert_class(const char*& at) {
  uint8_t first = static_cast<uint8_t>(*at);
  if (first < 0x80) {
    ++at;
    return kBertClasses[first];
  }
  uint16_t found = properties(next_character(at));
  if ((found & kSpace) != 0) return kGap;
  return (found & kPunctuation) != 0 ? kAlone : 0;
}

void cut_for_bert(std::string_view text, Words::Range word, std::vector<Words::Range>& ranges) {
  const char* start = text.data();
  const char* end = start + word.end;
  const char* open = start + word.begin;  // of the word that is being read
  for (const char* at = open; at != end;) {
    const char* before = at;
    uint8_t found = bert_class(at);
    if (found == 0) continue;
    auto add = [&](const char* from, const char* to) {
      ranges.push_back({static_cast<size_t>(from - start), static_cast<size_t>(to - start)});
    };
    if (open != before) add(open, before);
    if (found == kAlone) add(before, at);
    open = at;
  }
  if (open != end) ranges.push_back({static_cast<size_t>(open - start), word.end});
}

}  // namespace

void WordSplitter::apply(Words& words, Words& spare) const {
  for (const Step& step : steps_) run(step, words, spare);
}

void WordSplitter::run(const Step& step, Words& words, Words& spare) {
  if (step.kind == Kind::kBlank || step.kind == Kind::kMetaspace) {
    return rewrite(step, words, spare);
  }
  spare.ranges.clear();
  for (Words::Range word : words.ranges) cut(step, words.text, word, spare.ranges);
  words.ranges.swap(spare.ranges);
}

void WordSplitter::rewrite(const Step& step, Words& words, Words& spare) {
  std::string_view blank = step.kind == Kind::kBlank ? std::string_view(" ") : step.text;
  bool prepend = step.kind == Kind::kBlank || step.prepend;
  spare.text.clear();
  spare.ranges.clear();
  for (Words::Range range : words.ranges) {
    std::string_view word = words.word(range);
    size_t begin = spare.text.size();
    bool has_one = word.starts_with(blank) || word.starts_with(' ');
    if (prepend && !has_one) spare.text.append(blank);
    for (size_t at = 0; at < word.size();) {
      size_t next = step.kind == Kind::kMetaspace ? word.find(' ', at) : std::string_view::npos;
      spare.text.append(word.substr(at, next - at));
      if (next == std::string_view::npos) break;
      spare.text.append(blank);
      at = next + 1;
    }
    spare.ranges.push_back({begin, spare.text.size()});
  }
  std::swap(words, spare);
}

void WordSplitter::cut(const Step& step, std::string_view text, Words::Range word,
                       std::vector<Words::Range>& ranges) {
  if (step.kind == Kind::kBert) return cut_for_bert(text, word, ranges);
  bool gapless = step.behavior == (step.invert ? Behavior::kRemoved : Behavior::kIsolated) ||
                 step.behavior == Behavior::kIsolated;
  if (step.kind == Kind::kPattern && gapless) {
    for (size_t at = word.begin; at < word.end;) {
      size_t size = match(step.pattern, text.substr(at, word.end - at));
      ranges.push_back({at, at + size});
      at += size;
    }
    return;
  }
  thread_local std::vector<Match> matches;
  matches.clear();
  find(step, text.substr(word.begin, word.end - word.begin), matches);
  for (Match& found : matches) found.is_match = found.is_match != step.invert;
  keep(step.behavior, matches, word.begin, ranges);
}

// The whole word in pieces, each a match or what lies between matches.
void WordSplitter::find(const Step& step, std::string_view word, std::vector<Match>& matches) {
  auto add = [&](size_t begin, size_t end, bool is_match) {
    if (begin < end) matches.push_back({begin, end, is_match});
  };
  if (step.kind == Kind::kPattern) {
    for (size_t at = 0; at < word.size();) {
      size_t size = match(step.pattern, word.substr(at));
      add(at, at + size, true);
      at += size;
    }
    return;
  }
  size_t done = 0;
  if (step.kind == Kind::kString) {
    for (size_t at = word.find(step.text); at != std::string_view::npos;
         at = word.find(step.text, done)) {
      add(done, at, false);
      done = at + step.text.size();
      add(at, done, true);
    }
    return add(done, word.size(), false);
  }
  int wanted = step.kind == Kind::kSpace     ? kSpace
               : step.kind == Kind::kNumeric ? kNumeric
               : step.kind == Kind::kNotWord ? kSpace
                                             : kPunctuation;
  bool in_word = false;
  for (const char* at = word.data(); at != word.data() + word.size();) {
    size_t begin = static_cast<size_t>(at - word.data());
    uint16_t found = properties(next_character(at));
    size_t end = static_cast<size_t>(at - word.data());
    bool changes = step.kind == Kind::kNotWord && ((found & kWord) != 0) != in_word;
    in_word = (found & kWord) != 0;
    if ((found & wanted) != 0) {
      add(done, begin, false);
      add(begin, end, true);
      done = end;
    } else if (changes) {
      add(done, begin, false);
      done = begin;
    }
  }
  add(done, word.size(), false);
}

void WordSplitter::keep(Behavior behavior, const std::vector<Match>& matches, size_t begin,
                        std::vector<Words::Range>& ranges) {
  size_t first = ranges.size();
  auto add = [&](const Match& match) {
    ranges.push_back({begin + match.begin, begin + match.end});
  };
  bool before = false;  // whether the piece before was a match
  for (size_t i = 0; i < matches.size(); ++i) {
    // kNext looks from the end, as its merges come from there.
    const Match& match = matches[behavior == Behavior::kNext ? matches.size() - 1 - i : i];
    bool joins = (behavior == Behavior::kContiguous && match.is_match == before) ||
                 (behavior == Behavior::kPrevious && match.is_match && !before) ||
                 (behavior == Behavior::kNext && match.is_match && !before);
    before = match.is_match;
    if (behavior == Behavior::kRemoved && match.is_match) continue;
    if (!joins || ranges.size() == first) {
      add(match);
    } else if (behavior == Behavior::kNext) {
      ranges.back().begin = begin + match.begin;
    } else {
      ranges.back().end = begin + match.end;
    }
  }
  if (behavior == Behavior::kNext) {
    std::reverse(ranges.begin() + static_cast<ptrdiff_t>(first), ranges.end());
  }
}

}  // namespace skein::preprocess

#include "preprocess/tokenizer.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "preprocess/word_cache.h"
#include "preprocess/working_memory.h"

namespace skein::preprocess {
namespace {

uint32_t next_number() {
  static std::atomic<uint32_t> last{0};
  return ++last;
}

}  // namespace

// Memory of one text, kept by each thread.
struct Tokenizer::Workspace {
  std::vector<TextPart> parts;  // of the text as it came
  std::vector<TextPart> inner;  // of one normalized part
  std::string normalized;
  Words words;
  Words spare;
  size_t enough = 0;  // ids at which encoding stops

  void trim() {
    let_go(parts);
    let_go(inner);
    let_go(normalized);
    for (Words* each : {&words, &spare}) {
      let_go(each->text);
      let_go(each->ranges);
    }
  }
  bool done(const std::vector<uint32_t>& ids) const { return ids.size() >= enough; }
};

Result<std::shared_ptr<const Tokenizer>> Tokenizer::create(std::string_view json,
                                                           const TextSpec& spec) {
  Result<TokenizerFile> file = read_tokenizer_file(json);
  if (!file.ok()) return file.status();
  int64_t longest = spec.max_length > 0 ? spec.max_length : file->max_length;
  if (longest <= 0) {
    return invalid_argument(
        "text: max_length is missing, and the tokenizer file has no truncation");
  }
  int64_t special = static_cast<int64_t>(file->frame.size());
  if (longest <= special) {
    return invalid_argument("text: max_length " + std::to_string(longest) + " should be over " +
                            std::to_string(special) + ", the special tokens of a text");
  }
  if (spec.fixed_length > 0 && spec.fixed_length < longest) {
    return invalid_argument("text: max_length " + std::to_string(longest) + " should be at most " +
                            std::to_string(spec.fixed_length) +
                            ", the length of the model's input");
  }
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(file).value(), spec));
}

Tokenizer::Tokenizer(TokenizerFile file, const TextSpec& spec)
    : file_(std::move(file)),
      max_length_(static_cast<size_t>(spec.max_length > 0 ? spec.max_length : file_.max_length)),
      room_(max_length_ - file_.frame.size()),
      max_bytes_(static_cast<size_t>(spec.max_bytes)),
      truncation_(spec.truncation.value_or(file_.truncation)),
      number_(next_number()) {}

Status Tokenizer::check(std::string_view text) const {
  if (text.size() > max_bytes_) {
    return invalid_argument(std::to_string(text.size()) + " bytes; at most " +
                            std::to_string(max_bytes_) + " are allowed (max_bytes)");
  }
  size_t valid = utf8_valid_size(text);
  if (valid == text.size()) return {};
  return invalid_argument("not UTF-8: byte " + std::to_string(valid) + " belongs to no character");
}

Status Tokenizer::encode(std::string_view text, std::vector<uint32_t>& ids) const {
  if (Status status = check(text); !status.ok()) return status;
  thread_local Workspace work;
  size_t start = ids.size();
  for (FrameToken token : file_.frame.before) ids.push_back(token.id);
  size_t first = ids.size();
  size_t most = first + room_;
  work.enough = truncation_ == TextTruncation::kRight  ? most
                : truncation_ == TextTruncation::kLeft ? SIZE_MAX
                                                       : most + 1;
  encode_text(text, work, ids);
  work.trim();
  if (ids.size() > most && truncation_ == TextTruncation::kError) {
    ids.resize(start);
    return invalid_argument("more than " + std::to_string(max_length_) +
                            " tokens, special ones included (max_length)");
  }
  if (ids.size() > most && truncation_ == TextTruncation::kLeft) {
    auto begin = ids.begin() + static_cast<ptrdiff_t>(first);
    ids.erase(begin, begin + static_cast<ptrdiff_t>(ids.size() - most));
  }
  ids.resize(std::min(ids.size(), most));
  for (FrameToken token : file_.frame.after) ids.push_back(token.id);
  return {};
}

void Tokenizer::encode_text(std::string_view text, Workspace& work,
                            std::vector<uint32_t>& ids) const {
  work.parts.clear();
  file_.as_written.split(text, work.parts);
  for (TextPart part : work.parts) {
    if (work.done(ids)) return;
    if (part.id >= 0) {
      ids.push_back(static_cast<uint32_t>(part.id));
    } else {
      encode_part(text.substr(part.begin, part.end - part.begin), work, ids);
    }
  }
}

void Tokenizer::encode_part(std::string_view part, Workspace& work,
                            std::vector<uint32_t>& ids) const {
  if (!file_.normalizer.empty()) {
    work.normalized.assign(part);
    file_.normalizer.apply(work.normalized);
    part = work.normalized;
  }
  work.inner.clear();
  file_.normalized.split(part, work.inner);
  for (TextPart inner : work.inner) {
    if (work.done(ids)) return;
    if (inner.id >= 0) {
      ids.push_back(static_cast<uint32_t>(inner.id));
    } else {
      encode_words(part.substr(inner.begin, inner.end - inner.begin), work, ids);
    }
  }
}

void Tokenizer::encode_words(std::string_view part, Workspace& work,
                             std::vector<uint32_t>& ids) const {
  work.words.text.assign(part);
  work.words.ranges.assign(1, {0, part.size()});
  file_.splitter.apply(work.words, work.spare);
  for (Words::Range word : work.words.ranges) {
    if (work.done(ids)) return;
    encode_word(work.words.word(word), ids);
  }
}

void Tokenizer::encode_word(std::string_view word, std::vector<uint32_t>& ids) const {
  if (word.size() > WordCache::kMaxBytes) return file_.model->tokenize(word, ids);
  WordCache& cache = WordCache::of_thread();
  WordCache::Key key = WordCache::key(number_, word);
  if (const WordCache::Entry* entry = cache.find(key)) {
    std::span<const uint32_t> known = entry->ids();
    ids.insert(ids.end(), known.begin(), known.end());
    return;
  }
  size_t before = ids.size();
  file_.model->tokenize(word, ids);
  std::span<const uint32_t> made(ids.data() + before, ids.size() - before);
  if (made.size() <= WordCache::kMaxIds) cache.keep(key, made);
}

}  // namespace skein::preprocess

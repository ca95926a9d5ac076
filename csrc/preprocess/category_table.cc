#include "preprocess/category_table.h"

#include <bit>
#include <cstring>

namespace skein::preprocess {
namespace {

constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
constexpr size_t kFirstSlots = 8;

uint64_t folded(uint64_t word) {
  word *= kMultiplier;
  return word ^ word >> 32;
}

template <class Word>
uint64_t load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Reads words that overlap at the end, so that no text needs a loop over its bytes.
uint64_t hash_of(std::string_view text) {
  const char* data = text.data();
  size_t size = text.size();
  if (size >= 8) {
    uint64_t hash = size;
    for (size_t at = 0; at + 8 < size; at += 8) hash = folded(hash ^ load<uint64_t>(data + at));
    return folded(hash ^ load<uint64_t>(data + size - 8));
  }
  uint64_t word = 0;
  if (size >= 4) {
    word = load<uint32_t>(data) << 32 | load<uint32_t>(data + size - 4);
  } else if (size > 0) {
    word = load<uint8_t>(data) << 16 | load<uint8_t>(data + size / 2) << 8 |
           load<uint8_t>(data + size - 1);
  }
  return folded(folded(word) ^ size);
}

}  // namespace

std::string_view TextTable::text(int32_t number) const {
  size_t begin = number == 0 ? 0 : ends_[static_cast<size_t>(number) - 1];
  return std::string_view(bytes_).substr(begin, ends_[static_cast<size_t>(number)] - begin);
}

int32_t TextTable::find(std::string_view text) const {
  if (slots_.empty()) return kUnknownCategory;
  uint64_t hash = hash_of(text);
  size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == kUnknownCategory) return kUnknownCategory;
    if (slot.tag == static_cast<uint32_t>(hash >> 32) && this->text(slot.number) == text) {
      return slot.number;
    }
  }
}

bool TextTable::add(std::string_view text) {
  if (find(text) != kUnknownCategory) return false;
  bytes_ += text;
  ends_.push_back(bytes_.size());
  if (ends_.size() * 2 > slots_.size()) {
    grow();
  } else {
    place(hash_of(text), static_cast<int32_t>(ends_.size() - 1));
  }
  return true;
}

void TextTable::place(uint64_t hash, int32_t number) {
  size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].number != kUnknownCategory) at = (at + 1) & mask;
  slots_[at] = {static_cast<uint32_t>(hash >> 32), number};
}

void TextTable::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, {});
  for (size_t i = 0; i < ends_.size(); ++i) {
    int32_t number = static_cast<int32_t>(i);
    place(hash_of(text(number)), number);
  }
}

int64_t NumberTable::key(double number) { return std::bit_cast<int64_t>(number + 0.0); }

int32_t NumberTable::find(int64_t key) const {
  if (slots_.empty()) return kUnknownCategory;
  size_t mask = slots_.size() - 1;
  for (size_t at = folded(static_cast<uint64_t>(key)) & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == kUnknownCategory || slot.key == key) return slot.number;
  }
}

bool NumberTable::add(int64_t key) {
  if (find(key) != kUnknownCategory) return false;
  if ((size_ + 1) * 2 > slots_.size()) grow();
  place(key, static_cast<int32_t>(size_++));
  return true;
}

void NumberTable::place(int64_t key, int32_t number) {
  size_t mask = slots_.size() - 1;
  size_t at = folded(static_cast<uint64_t>(key)) & mask;
  while (slots_[at].number != kUnknownCategory) at = (at + 1) & mask;
  slots_[at] = {key, number};
}

void NumberTable::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : slots_.size() * 2, Slot{0});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.number != kUnknownCategory) place(slot.key, slot.number);
  }
}

}  // namespace skein::preprocess

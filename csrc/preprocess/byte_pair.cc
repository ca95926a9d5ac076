#include "preprocess/byte_pair.h"

#include <algorithm>

#include "base/utf8.h"
#include "preprocess/working_memory.h"

namespace skein::preprocess {
namespace {

struct Symbol {
  uint32_t id;
  int32_t previous;  // -1: the first
  int32_t next;      // -1: the last
  bool gone;         // merged into the one before
};

// A possible merge of the symbol at `position` with the next.
struct Candidate {
  uint32_t rank;
  int32_t position;
  uint32_t merged;

  // For a heap with the lowest rank, then the leftmost, on top.
  bool operator<(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

}  // namespace

// Working memory of one word, kept by each thread.
struct BytePair::Symbols {
  std::vector<Symbol> chain;
  std::vector<Candidate> heap;

  void add(uint32_t id) {
    int32_t index = static_cast<int32_t>(chain.size());
    if (index > 0) chain.back().next = index;
    chain.push_back({id, index - 1, -1, false});
  }
  void offer(const MergeTable& merges, int32_t position) {
    int32_t next = chain[position].next;
    if (next < 0) return;
    const MergeRule* rule = merges.find(chain[position].id, chain[next].id);
    if (rule == nullptr) return;
    heap.push_back({rule->rank, position, rule->merged});
    std::push_heap(heap.begin(), heap.end());
  }
};

bool BytePair::spell_in_bytes(std::string_view character, Symbols& symbols) const {
  auto known = [this](char byte) { return bytes_[static_cast<uint8_t>(byte)] >= 0; };
  if (!std::all_of(character.begin(), character.end(), known)) return false;
  for (char byte : character) {
    symbols.add(static_cast<uint32_t>(bytes_[static_cast<uint8_t>(byte)]));
  }
  return true;
}

// An unknown character is held back until the next known one, as Hugging Face does: bytes of
// byte_fallback overtake it.
void BytePair::spell(std::string_view word, Symbols& symbols) const {
  bool held = false;
  for (const char* at = word.data(); at != word.data() + word.size();) {
    const char* start = at;
    if (byte_level_) {
      ++at;
    } else {
      next_character(at);
    }
    std::string_view character(start, static_cast<size_t>(at - start));
    int64_t id = byte_level_ ? bytes_[static_cast<uint8_t>(*start)] : tokens_.find(character);
    if (id >= 0) {
      if (held) symbols.add(static_cast<uint32_t>(unknown_));
      held = false;
      symbols.add(static_cast<uint32_t>(id));
    } else if (!(byte_fallback_ && spell_in_bytes(character, symbols)) && unknown_ >= 0) {
      if (held && !fuse_unknown_) symbols.add(static_cast<uint32_t>(unknown_));
      held = true;
    }
  }
  if (held) symbols.add(static_cast<uint32_t>(unknown_));
}

void BytePair::merge(Symbols& symbols) const {
  std::vector<Symbol>& chain = symbols.chain;
  for (int32_t i = 0; i < static_cast<int32_t>(chain.size()); ++i) symbols.offer(merges_, i);
  while (!symbols.heap.empty()) {
    std::pop_heap(symbols.heap.begin(), symbols.heap.end());
    Candidate top = symbols.heap.back();
    symbols.heap.pop_back();
    Symbol& left = chain[top.position];
    if (left.gone || left.next < 0) continue;
    Symbol& right = chain[left.next];
    const MergeRule* rule = merges_.find(left.id, right.id);
    if (rule == nullptr || rule->merged != top.merged) continue;  // one of the two has changed
    left.id = top.merged;
    left.next = right.next;
    right.gone = true;
    if (left.next >= 0) chain[left.next].previous = top.position;
    if (left.previous >= 0) symbols.offer(merges_, left.previous);
    symbols.offer(merges_, top.position);
  }
}

void BytePair::tokenize(std::string_view word, std::vector<uint32_t>& ids) const {
  if (ignore_merges_) {
    if (int64_t id = tokens_.find(word); id >= 0) return ids.push_back(static_cast<uint32_t>(id));
  }
  thread_local Symbols symbols;
  symbols.chain.clear();
  symbols.heap.clear();
  spell(word, symbols);
  merge(symbols);
  for (const Symbol& symbol : symbols.chain) {
    if (!symbol.gone) ids.push_back(symbol.id);
  }
  let_go(symbols.chain);
  let_go(symbols.heap);
}

}  // namespace skein::preprocess

// The ids of words that a thread met before.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace skein::preprocess {

// A fixed table of kWays words for each hash, of which the latest stay: its size does not depend on
// what clients send. Shared by the tokenizers of a thread, told apart by their number.
class WordCache {
 public:
  static constexpr size_t kMaxBytes = 24;  // of a word that is kept
  static constexpr size_t kMaxIds = 8;

  class Entry {
   public:
    std::span<const uint32_t> ids() const { return {ids_.data(), count_}; }

   private:
    friend class WordCache;
    std::array<uint64_t, 3> bytes_{};
    uint32_t owner_ = 0;  // 0: empty
    uint16_t size_ = 0;
    uint16_t count_ = 0;
    std::array<uint32_t, kMaxIds> ids_{};
  };

  // The calling thread's, 512 KiB, made at its first use.
  static WordCache& of_thread() {
    thread_local std::unique_ptr<WordCache> cache = std::make_unique<WordCache>();
    return *cache;
  }

  // A word of 1 to kMaxBytes bytes as the table compares it.
  struct Key {
    std::array<uint64_t, 3> bytes;
    uint32_t owner;
    uint16_t size;
  };
  static Key key(uint32_t owner, std::string_view word) {
    const char* data = word.data();
    size_t size = word.size();
    Key made{{}, owner, static_cast<uint16_t>(size)};
    if (size > 16) {
      made.bytes = {load<uint64_t>(data), load<uint64_t>(data + 8),
                    load<uint64_t>(data + size - 8)};
    } else if (size >= 8) {
      made.bytes = {load<uint64_t>(data), load<uint64_t>(data + size - 8), 0};
    } else if (size >= 4) {
      made.bytes[0] = load<uint32_t>(data) | static_cast<uint64_t>(load<uint32_t>(data + size - 4))
                                                 << 32;
    } else {
      auto byte = [&](size_t at) { return static_cast<uint64_t>(static_cast<uint8_t>(data[at])); };
      made.bytes[0] = byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
    }
    return made;
  }

  // nullptr: not there. Valid until the next keep().
  const Entry* find(const Key& key) const {
    const Entry* first = &entries_[slot(key)];
    for (const Entry* entry = first; entry != first + kWays; ++entry) {
      uint64_t differs = (entry->bytes_[0] ^ key.bytes[0]) | (entry->bytes_[1] ^ key.bytes[1]) |
                         (entry->bytes_[2] ^ key.bytes[2]) | (entry->owner_ ^ key.owner) |
                         static_cast<uint64_t>(entry->size_ ^ key.size);
      if (differs == 0) return entry;
    }
    return nullptr;
  }
  // `ids` are kMaxIds at most.
  void keep(const Key& key, std::span<const uint32_t> ids) {
    Entry& entry = entries_[slot(key)];
    std::copy_backward(&entry, &entry + kWays - 1, &entry + kWays);
    entry.bytes_ = key.bytes;
    entry.owner_ = key.owner;
    entry.size_ = key.size;
    entry.count_ = static_cast<uint16_t>(ids.size());
    std::memcpy(entry.ids_.data(), ids.data(), ids.size_bytes());
  }

 private:
  static constexpr int kBits = 11;  // of a hash
  static constexpr size_t kWays = 4;

  template <class T>
  static T load(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  static size_t slot(const Key& key) {
    uint64_t mixed = key.bytes[0] * 0x9e3779b97f4a7c15u ^ key.bytes[1] * 0xc2b2ae3d27d4eb4fu ^
                     key.bytes[2] * 0x165667b19e3779f9u ^
                     (static_cast<uint64_t>(key.owner) << 16 | key.size);
    return kWays * static_cast<size_t>(mixed * 0xd6e8feb86659fd93u >> (64 - kBits));
  }

  std::array<Entry, kWays << kBits> entries_{};
};

}  // namespace skein::preprocess

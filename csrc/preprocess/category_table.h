// Finds the number of a category among those declared. Immutable, so that a client can neither
// grow it nor lengthen its probes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein::preprocess {

inline constexpr int32_t kUnknownCategory = -1;

class TextTable {
 public:
  // False if the text is there already. Numbers are given from 0 in order.
  bool add(std::string_view text);
  int32_t find(std::string_view text) const;
  size_t size() const { return ends_.size(); }
  std::string_view text(int32_t number) const;

 private:
  struct Slot {
    uint32_t tag;
    int32_t number = kUnknownCategory;  // free
  };
  void place(uint64_t hash, int32_t number);
  void grow();

  std::string bytes_;  // of all texts, one after another
  std::vector<size_t> ends_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

// Of whole numbers, or of the bits of a double.
class NumberTable {
 public:
  // -0 and 0 are one number.
  static int64_t key(double number);

  bool add(int64_t key);
  int32_t find(int64_t key) const;
  size_t size() const { return size_; }

 private:
  struct Slot {
    int64_t key;
    int32_t number = kUnknownCategory;  // free
  };
  void place(int64_t key, int32_t number);
  void grow();

  size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace skein::preprocess

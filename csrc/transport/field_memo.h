// The header fields that the client of one connection sends again and again. HPACK's table hands
// out the very same strings for them each time, so that their address tells that they were judged.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "transport/field_rules.h"

namespace skein::transport {

class FieldMemo {
 public:
  FieldMemo() = default;
  FieldMemo(const FieldMemo&) = delete;
  FieldMemo& operator=(const FieldMemo&) = delete;
  ~FieldMemo();

  // What field this is, if it was remembered.
  std::optional<KnownField> find(const nghttp2_rcbuf* name, const nghttp2_rcbuf* value) const {
    const Entry& entry = entries_[place_of(value)];
    if (entry.name != name || entry.value != value) return std::nullopt;
    return entry.field;
  }
  // Keeps both strings, unless they are long, in the place of two others.
  void remember(nghttp2_rcbuf* name, nghttp2_rcbuf* value, KnownField field);

 private:
  static constexpr int kPlaceBits = 5;
  static constexpr size_t kLongest = 256;  // bytes: a client must not fill our memory with this
  struct Entry {
    nghttp2_rcbuf* name = nullptr;  // a reference of our own: the address stays taken
    nghttp2_rcbuf* value = nullptr;
    KnownField field = KnownField::kOther;
  };
  static size_t place_of(const nghttp2_rcbuf* value) {
    constexpr uint64_t kMix = 0x9e3779b97f4a7c15;
    return reinterpret_cast<uintptr_t>(value) * kMix >> (64 - kPlaceBits);
  }

  std::array<Entry, size_t{1} << kPlaceBits> entries_;
};

}  // namespace skein::transport

#include "transport/field_memo.h"

namespace skein::transport {

FieldMemo::~FieldMemo() {
  for (const Entry& entry : entries_) {
    if (entry.name == nullptr) continue;
    nghttp2_rcbuf_decref(entry.name);
    nghttp2_rcbuf_decref(entry.value);
  }
}

void FieldMemo::remember(nghttp2_rcbuf* name, nghttp2_rcbuf* value, KnownField field) {
  if (nghttp2_rcbuf_get_buf(name).len + nghttp2_rcbuf_get_buf(value).len > kLongest) return;
  Entry& entry = entries_[place_of(value)];
  if (entry.name != nullptr) {
    nghttp2_rcbuf_decref(entry.name);
    nghttp2_rcbuf_decref(entry.value);
  }
  nghttp2_rcbuf_incref(name);
  nghttp2_rcbuf_incref(value);
  entry = {name, value, field};
}

}  // namespace skein::transport

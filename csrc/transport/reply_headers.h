// The header fields of replies, in nghttp2's form.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "transport/call_head.h"

namespace skein::transport {

// Fields that view constants and their own storage; nghttp2 copies what is not constant.
class ReplyHeaders {
 public:
  // Before the messages of a reply.
  static std::span<const nghttp2_nv> opening();
  // After them.
  explicit ReplyHeaders(const Status& status);
  // Instead of them: headers and trailers in one, which view the refusal. A message that
  // `comes_again` is put into the compression table.
  ReplyHeaders(const Refusal& refusal, bool comes_again);
  ReplyHeaders(const ReplyHeaders&) = delete;
  ReplyHeaders& operator=(const ReplyHeaders&) = delete;

  std::span<const nghttp2_nv> fields() const { return std::span(fields_).first(count_); }

 private:
  void add(const nghttp2_nv& field) { fields_[count_++] = field; }
  void add_status(const Status& status, bool comes_again);

  std::array<nghttp2_nv, 6> fields_;
  size_t count_ = 0;
  std::string http_status_;
  std::string message_;
  std::string retry_after_;
};

}  // namespace skein::transport

#include "transport/reply_headers.h"

#include "base/quote.h"
#include "transport/grpc_codec.h"
#include "transport/grpc_status.h"

namespace skein::transport {
namespace {

constexpr size_t kMaxMessageBytes = 4096;  // trailers larger than this break some clients

uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
}

nghttp2_nv constant(std::string_view name, std::string_view value) {
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

// Not put into the compression table: it will hardly be the same again.
nghttp2_nv passing(std::string_view name, std::string_view value) {
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_INDEX};
}

const nghttp2_nv kOk = constant(":status", "200");
const nghttp2_nv kContentType = constant("content-type", "application/grpc");

}  // namespace

std::span<const nghttp2_nv> ReplyHeaders::opening() {
  static const nghttp2_nv fields[] = {kOk, kContentType};
  return fields;
}

ReplyHeaders::ReplyHeaders(const Status& status) { add_status(status, false); }

ReplyHeaders::ReplyHeaders(const Refusal& refusal, bool comes_again) {
  if (refusal.http_status == 200) {
    add(kOk);
  } else {
    http_status_ = std::to_string(refusal.http_status);
    add(passing(":status", http_status_));
  }
  add(kContentType);
  add_status(refusal.status, comes_again);
  if (refusal.name_encodings) add(constant("grpc-accept-encoding", "identity"));
}

void ReplyHeaders::add_status(const Status& status, bool comes_again) {
  add(constant("grpc-status", grpc_status(status.code())));
  if (status.retry_after() > Duration(0)) {
    auto after = std::chrono::ceil<std::chrono::milliseconds>(status.retry_after());
    retry_after_ = std::to_string(after.count());
    nghttp2_nv field = passing("grpc-retry-pushback-ms", retry_after_);
    field.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;  // into the table: a few values, again and again
    add(field);
  }
  if (status.message().empty()) return;
  std::string_view message = utf8_prefix(status.message(), kMaxMessageBytes);
  if (needs_percent_encoding(message)) {
    message_ = percent_encode(message);
    message = message_;
  }
  nghttp2_nv field = passing("grpc-message", message);
  if (comes_again) field.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
  add(field);
}

}  // namespace skein::transport

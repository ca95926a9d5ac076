// The parts of a call: framed messages, the headers that never change, and the one that does.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "load/options.h"

namespace skein::load {

// A gRPC message with its 5-byte prefix, as it goes into DATA frames.
using Message = std::vector<uint8_t>;

// Every file as one framed message; one empty message when there is no file.
Result<std::vector<Message>> read_messages(const std::vector<std::string>& files);

// Request headers but for grpc-timeout; the views in fields() see this object's strings, so it does
// not move.
class RequestHeaders {
 public:
  explicit RequestHeaders(const Options& options);
  RequestHeaders(const RequestHeaders&) = delete;
  RequestHeaders& operator=(const RequestHeaders&) = delete;
  const std::vector<nghttp2_nv>& fields() const { return fields_; }

 private:
  std::string authority_;
  std::string path_;
  std::vector<nghttp2_nv> fields_;
};

// A grpc-timeout, cut to three digits as gRPC's own clients do: HPACK can index what repeats.
class TimeoutText {
 public:
  void set(uint32_t us);
  std::string_view text() const { return {text_.data(), size_}; }
  // Makes `field`, a timeout_field(), see this object's text.
  void show_in(nghttp2_nv& field) const;

 private:
  std::array<char, 12> text_;
  size_t size_ = 0;
};

nghttp2_nv timeout_field();

}  // namespace skein::load

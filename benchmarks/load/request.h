// The parts of a call that never change: headers and framed messages.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <string>
#include <vector>

#include "load/options.h"

namespace skein::load {

// A gRPC message with its 5-byte prefix, as it goes into DATA frames.
using Message = std::vector<uint8_t>;

// Every file as one framed message; one empty message when there is no file.
Result<std::vector<Message>> read_messages(const std::vector<std::string>& files);

// Request headers; the views in fields() see this object's strings, so it does not move.
class RequestHeaders {
 public:
  explicit RequestHeaders(const Options& options);
  RequestHeaders(const RequestHeaders&) = delete;
  RequestHeaders& operator=(const RequestHeaders&) = delete;
  const std::vector<nghttp2_nv>& fields() const { return fields_; }

 private:
  std::string authority_;
  std::string path_;
  std::string timeout_;
  std::vector<nghttp2_nv> fields_;
};

}  // namespace skein::load

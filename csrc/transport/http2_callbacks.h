// What nghttp2 calls, forwarded to the Connection that is its user data.
#pragma once

#include <nghttp2/nghttp2.h>

namespace skein::transport {

class Connection;
class Http2Memory;
class StreamCall;

// A server session; nullptr when out of memory. The caller deletes it.
nghttp2_session* new_http2_session(Connection& connection, Http2Memory& memory);

// Source of the reply's DATA frames, and of its trailers at their end.
nghttp2_data_provider reply_provider(StreamCall& call);

}  // namespace skein::transport

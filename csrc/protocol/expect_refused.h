// What the tests of refused requests share.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "protocol/infer_request.h"
#include "protocol/message_builder.h"

namespace skein::protocol::testing {

inline Status parse_status(const MessageBuilder& message, const ModelSpec& spec) {
  InferRequest request;
  return parse(message.bytes(), spec, request);
}

// Expects the code and, somewhere in the message, each of the parts.
inline void expect_refused(const Status& status, Code code,
                           std::initializer_list<const char*> parts) {
  EXPECT_EQ(name(status.code()), name(code)) << status.message();
  for (const char* part : parts) {
    EXPECT_NE(status.message().find(part), std::string::npos)
        << "lacks \"" << part << "\": " << status.message();
  }
}

}  // namespace skein::protocol::testing

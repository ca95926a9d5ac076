// The request-level parameters this server knows; all others are ignored, as the protocol asks.
#pragma once

#include "base/status.h"
#include "protocol/infer_request.h"
#include "protocol/parameter.h"

namespace skein::protocol {

// Collects map entries (the last of a key wins), then judges them.
class RequestParameters {
 public:
  void add(const ParameterEntry& entry);

  // Sets timeout_us and priority. INVALID_ARGUMENT for a value of the wrong kind, UNIMPLEMENTED
  // for a request that belongs to a sequence.
  Status apply_to(RequestHead& head) const;

 private:
  Parameter timeout_;
  Parameter priority_;
  Parameter sequence_id_;
  Parameter sequence_start_;
  Parameter sequence_end_;
  bool has_timeout_ = false;
  bool has_priority_ = false;
};

}  // namespace skein::protocol

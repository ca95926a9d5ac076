// ONNX Runtime's log lines, kept for the error they explain: an OpenVINO load failure, say, tells
// its cause only there.
#pragma once

#include <string>
#include <vector>

#include "runtime/ort.h"

namespace skein::runtime {

// While alive, collects the first warnings and errors logged on this thread.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // `message`, followed by the collected lines that it does not already contain.
  std::string explain(const std::string& message) const;

 private:
  friend void ORT_API_CALL receive_log(void*, OrtLoggingLevel, const char*, const char*,
                                       const char*, const char*);
  std::vector<std::string> lines_;
  LogCapture* outer_;
};

// The logger given to the environment. Lines outside a capture repeat what the returned status
// says and a client could cause them without end, so only fatal ones are printed (on stderr).
void ORT_API_CALL receive_log(void* parameter, OrtLoggingLevel severity, const char* category,
                              const char* log_id, const char* code_location, const char* message);

}  // namespace skein::runtime

#include "runtime/log.h"

#include <cstdio>

namespace skein::runtime {
namespace {

constexpr size_t kMaxLines = 16;
thread_local LogCapture* current = nullptr;

}  // namespace

LogCapture::LogCapture() : outer_(current) { current = this; }
LogCapture::~LogCapture() { current = outer_; }

std::string LogCapture::explain(const std::string& message) const {
  std::string text = message;
  for (const std::string& line : lines_) {
    if (text.find(line) == std::string::npos) text += "; log: " + line;
  }
  return text;
}

void ORT_API_CALL receive_log(void*, OrtLoggingLevel severity, const char*, const char*,
                              const char*, const char* message) {
  if (severity == ORT_LOGGING_LEVEL_FATAL) std::fprintf(stderr, "onnxruntime: %s\n", message);
  if (current != nullptr && current->lines_.size() < kMaxLines) {
    current->lines_.emplace_back(message);
  }
}

}  // namespace skein::runtime

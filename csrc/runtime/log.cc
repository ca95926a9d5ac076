#include "runtime/log.h"

#include <cstdio>

namespace skein::runtime {
namespace {

constexpr size_t kCaptured = 4096;
thread_local LogCapture* current = nullptr;

}  // namespace

LogCapture::LogCapture() : outer_(current) { current = this; }
LogCapture::~LogCapture() { current = outer_; }

void ORT_API_CALL receive_log(void*, OrtLoggingLevel severity, const char*, const char*,
                              const char*, const char* message) {
  if (severity == ORT_LOGGING_LEVEL_FATAL) std::fprintf(stderr, "onnxruntime: %s\n", message);
  if (current == nullptr || current->text_.size() >= kCaptured) return;
  if (!current->text_.empty()) current->text_ += "; ";
  current->text_ += message;
  if (current->text_.size() > kCaptured) current->text_.resize(kCaptured);
}

}  // namespace skein::runtime

#include "runtime/device_failure.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace skein::runtime {
namespace {

// CUDA's, ONNX Runtime's arena's, and cuBLAS's and cuDNN's words for it.
constexpr std::array<std::string_view, 4> kNoMemory{"out of memory", "Failed to allocate memory",
                                                    "Available memory of", "ALLOC_FAILED"};

// After it come the host's name and a source file.
constexpr std::string_view kPlace = " ; GPU=";

}  // namespace

Status device_failure(const std::string& device, const std::string& message) {
  std::string said = message.substr(0, message.find(kPlace));
  bool no_memory = std::any_of(kNoMemory.begin(), kNoMemory.end(), [&](std::string_view words) {
    return message.find(words) != std::string::npos;
  });
  if (no_memory) return resource_exhausted(device + " is out of memory: " + said);
  return internal("ONNX Runtime failed to run the model on " + device + ": " + said);
}

}  // namespace skein::runtime

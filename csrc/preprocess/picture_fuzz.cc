// libFuzzer target: the first byte picks a specification, the rest is an encoded picture. Whatever
// comes, it is prepared or refused. Seeds: corpus/, written by make_corpus.py.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "preprocess/image_input.h"

namespace skein::preprocess {
namespace {

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

std::shared_ptr<const ImageInput> make(ImageSpec spec) {
  spec.height = 9;
  spec.width = 7;
  spec.shorter_side = 10;
  spec.max_pixels = 4096;  // pictures stay small, so that many are tried
  spec.max_scans = 10;
  auto made = ImageInput::create(spec);
  check(made.ok(), "a specification is refused");
  return made.value();
}

std::vector<std::shared_ptr<const ImageInput>> make_inputs() {
  std::vector<std::shared_ptr<const ImageInput>> inputs;
  inputs.push_back(make({.dtype = DType::kFp32}));
  inputs.push_back(make({.dtype = DType::kUint8,
                         .layout = ImageLayout::kNhwc,
                         .resize = ResizeMode::kFit,
                         .filter = ResizeFilter::kBicubic,
                         .scale = 1}));
  inputs.push_back(make({.dtype = DType::kFp16,
                         .color = ColorOrder::kGray,
                         .resize = ResizeMode::kShortest,
                         .filter = ResizeFilter::kBox}));
  inputs.push_back(make({.dtype = DType::kBf16, .scaled_decoding = false}));
  return inputs;
}

}  // namespace
}  // namespace skein::preprocess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto inputs = skein::preprocess::make_inputs();
  if (size == 0) return 0;
  const auto& input = inputs[data[0] % inputs.size()];
  std::vector<std::byte> made(input->row_bytes());
  std::span<const std::byte> encoded(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  skein::Status status = input->decode(encoded, made.data());
  skein::preprocess::check(status.ok() || status.code() == skein::Code::kInvalidArgument,
                           status.message().c_str());
  return 0;
}

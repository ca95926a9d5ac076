// ModelInferResponse, written so that large tensors are referenced, not copied.
#pragma once

#include <span>
#include <string_view>

#include "base/buffer.h"
#include "base/model_spec.h"
#include "base/tensor.h"

namespace skein::protocol {

struct ResponseHead {
  std::string_view model_name;
  std::string_view model_version;  // decimal text
  std::string_view id;             // copied from the request
};

// One output of one request: `view` sees bytes kept alive by `owner`.
struct OutputView {
  TensorView view;
  const Ref<Buffer>* owner = nullptr;
  std::string_view name;
};

// Outputs in the given order, as raw_output_contents. Tensors of at most 4 KiB are copied into
// the header's buffer; larger ones become slices.
Body encode(const ResponseHead& head, std::span<const OutputView> outputs);

}  // namespace skein::protocol

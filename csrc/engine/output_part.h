// One request's part of a batch's outputs.
#pragma once

#include "base/model_spec.h"
#include "postprocess/classification.h"
#include "protocol/infer_response.h"
#include "runtime/executor.h"

namespace skein::engine {

// The rows [first, first + rows) of a batch output, or all of it without batching. The view sees
// the output's bytes.
protocol::OutputView rows_of(const runtime::OutputTensor& output, const TensorSpec& spec,
                             bool batched, int64_t first, int64_t rows);

// `part` cut back from the padded length to the request's own. What is not in one piece then is
// copied to a buffer put into `owner`, which must outlive the view. Throws std::bad_alloc.
void cut_back(protocol::OutputView& part, const TensorSpec& spec, int64_t padded, int64_t length,
              Ref<Buffer>& owner);

// `part` as probabilities, written to a buffer put into `owner`, or in place where `part` already
// lies there. Throws std::bad_alloc.
void soften(protocol::OutputView& part, Ref<Buffer>& owner);

// `part` as text of its best classes, in a buffer put into `owner`. Throws std::bad_alloc.
void rank(protocol::OutputView& part, const postprocess::ClassOptions& options, Ref<Buffer>& owner);

}  // namespace skein::engine

// Tensor data given in the typed fields of InferTensorContents.
#pragma once

#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/model_spec.h"
#include "base/status.h"
#include "base/tensor.h"
#include "protocol/request_tensors.h"

namespace skein::protocol {

// Points `view` (dtype and shape already set) at the elements: in place for one packed run of
// fp32 or fp64, else rewritten into a new buffer appended to `converted`. INVALID_ARGUMENT for the
// wrong field, the wrong number of elements or a value that does not fit the datatype. Nothing is
// allocated before the elements have been counted.
Status view_typed(const RequestInput& input, const ModelSpec& spec, TensorView& view,
                  std::vector<Ref<Buffer>>& converted);

// Says where an input's data may stand, for a request that holds none.
std::string where_data_goes(DType dtype);

}  // namespace skein::protocol

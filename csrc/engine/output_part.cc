#include "engine/output_part.h"

#include "base/corner_copy.h"
#include "base/padding.h"
#include "postprocess/softmax.h"

namespace skein::engine {

protocol::OutputView rows_of(const runtime::OutputTensor& output, const TensorSpec& spec,
                             bool batched, int64_t first, int64_t rows) {
  protocol::OutputView part{.view = output.view, .owner = &output.owner, .name = spec.name};
  if (!batched) return part;
  const int64_t batch_rows = output.view.shape[0];
  part.view.shape[0] = rows;
  size_t begin = 0;
  size_t end = 0;
  if (output.view.dtype == DType::kBytes) {
    begin = output.row_offsets[static_cast<size_t>(first)];
    end = output.row_offsets[static_cast<size_t>(first + rows)];
  } else {
    size_t row_bytes = output.view.size / static_cast<size_t>(batch_rows);
    begin = row_bytes * static_cast<size_t>(first);
    end = begin + row_bytes * static_cast<size_t>(rows);
  }
  part.view.data += begin;
  part.view.size = end - begin;
  return part;
}

void cut_back(protocol::OutputView& part, const TensorSpec& spec, int64_t padded, int64_t length,
              Ref<Buffer>& owner) {
  const Shape whole = part.view.shape;
  const Shape cut = cut_to_length(whole, spec.dims, padded, length);
  if (cut == whole) return;
  part.view.shape = cut;
  // No overflow: no dimension grew.
  part.view.size =
      static_cast<size_t>(element_count(cut.dims()).value_or(0)) * element_size(part.view.dtype);
  if (is_prefix(cut, whole)) return;
  owner = Buffer::allocate(part.view.size);
  CornerCopy{.element_size = element_size(part.view.dtype)}(part.view.data, whole, owner->data(),
                                                            cut);
  part.view.data = owner->data();
  part.owner = &owner;
}

void soften(protocol::OutputView& part, Ref<Buffer>& owner) {
  if (part.owner != &owner) {
    Ref<Buffer> probabilities = Buffer::allocate(part.view.size);
    postprocess::softmax(part.view, probabilities->data());
    owner = std::move(probabilities);
    part.view.data = owner->data();
    part.owner = &owner;
  } else {
    postprocess::softmax(part.view, owner->data());
  }
}

void rank(protocol::OutputView& part, const postprocess::ClassOptions& options,
          Ref<Buffer>& owner) {
  postprocess::Classes classes = postprocess::classify(part.view, options);
  owner = std::move(classes.owner);
  part.view = classes.view;
  part.owner = &owner;
}

}  // namespace skein::engine

#include "protocol/infer_response.h"

#include "protocol/fields.h"
#include "protocol/wire_writer.h"

namespace skein::protocol {
namespace {

constexpr size_t kLargestCopy = 4096;

// A large tensor travels as a slice of its own buffer, if it has one.
bool is_copied(const OutputView& output) {
  return output.view.size <= kLargestCopy || output.owner == nullptr || !*output.owner;
}

size_t shape_size(const Shape& shape) {
  size_t size = 0;
  for (int64_t dim : shape) size += varint_size(static_cast<uint64_t>(dim));
  return size;
}

size_t output_size(const OutputView& output) {
  return text_field_size(output.name) + text_field_size(name(output.view.dtype)) +
         (output.view.shape.rank() == 0 ? 0 : block_size(shape_size(output.view.shape)));
}

size_t head_size(const ResponseHead& head) {
  return text_field_size(head.model_name) + text_field_size(head.model_version) +
         text_field_size(head.id);
}

// Everything except the tensors that become slices.
size_t copied_size(const ResponseHead& head, std::span<const OutputView> outputs) {
  size_t size = head_size(head);
  for (const OutputView& output : outputs) {
    size += block_size(output_size(output));
    size += is_copied(output) ? block_size(output.view.size)
                              : block_size(output.view.size) - output.view.size;
  }
  return size;
}

void write_head(const ResponseHead& head, WireWriter& writer) {
  writer.text_field(infer_response::kModelName, head.model_name);
  writer.text_field(infer_response::kModelVersion, head.model_version);
  writer.text_field(infer_response::kId, head.id);
}

void write_output(const OutputView& output, WireWriter& writer) {
  writer.block(infer_response::kOutputs, output_size(output));
  writer.text_field(output_tensor::kName, output.name);
  writer.text_field(output_tensor::kDatatype, name(output.view.dtype));
  if (output.view.shape.rank() == 0) return;
  writer.block(output_tensor::kShape, shape_size(output.view.shape));
  for (int64_t dim : output.view.shape) writer.varint(static_cast<uint64_t>(dim));
}

}  // namespace

Body encode(const ResponseHead& head, std::span<const OutputView> outputs) {
  Body body;
  size_t size = copied_size(head, outputs);
  if (size == 0) return body;
  Ref<Buffer> buffer = Buffer::allocate(size);
  WireWriter writer(buffer->data());
  const std::byte* sliced = buffer->data();
  write_head(head, writer);
  for (const OutputView& output : outputs) write_output(output, writer);
  for (const OutputView& output : outputs) {
    writer.block(infer_response::kRawOutputContents, output.view.size);
    if (is_copied(output)) {
      writer.bytes(output.view.data, output.view.size);
    } else {
      body.append({buffer, sliced, static_cast<size_t>(writer.at() - sliced)});
      body.append({*output.owner, output.view.data, output.view.size});
      sliced = writer.at();
    }
  }
  size_t rest = static_cast<size_t>(writer.at() - sliced);
  if (rest > 0) body.append({std::move(buffer), sliced, rest});
  return body;
}

}  // namespace skein::protocol

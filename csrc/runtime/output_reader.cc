#include "runtime/output_reader.h"

#include <cstring>

#include "runtime/strings.h"

namespace skein::runtime {
namespace {

// The bytes of an output tensor; the tensor goes when the last response that shows them went.
class TensorBuffer final : public Buffer {
 public:
  TensorBuffer(Handle<OrtValue> value, std::byte* data, size_t size)
      : Buffer(data, size), value_(std::move(value)) {}

 private:
  Handle<OrtValue> value_;
};

Result<Shape> shape_of(const OrtValue* value) {
  OrtTensorTypeAndShapeInfo* created = nullptr;
  Status status = take(ort().GetTensorTypeAndShape(value, &created));
  if (!status.ok()) return status;
  Handle<OrtTensorTypeAndShapeInfo> info(created);
  size_t rank = 0;
  if (status = take(ort().GetDimensionsCount(created, &rank)); !status.ok()) return status;
  if (rank > kMaxRank) {
    return internal("it has " + std::to_string(rank) + " dimensions; at most " +
                    std::to_string(kMaxRank) + " can be served");
  }
  std::array<int64_t, kMaxRank> dims;
  if (status = take(ort().GetDimensions(created, dims.data(), rank)); !status.ok()) return status;
  return Shape(std::span<const int64_t>(dims.data(), rank));
}

}  // namespace

OutputReader::OutputReader(const TensorSpec& spec, bool batched, bool is_input)
    : name_(spec.name), dtype_(spec.dtype), batched_(batched), is_input_(is_input) {}

Status OutputReader::read(Handle<OrtValue> value, int64_t rows, OutputTensor& output) const {
  Result<Shape> shape = shape_of(value.get());
  if (!shape.ok()) return internal("output '" + name_ + "': " + shape.status().message());
  if (Status status = check_rows(*shape, rows); !status.ok()) return status;
  output.view.dtype = dtype_;
  output.view.shape = *shape;
  output.present = true;
  if (dtype_ == DType::kBytes) return read_raw_strings(value.get(), rows, output);
  void* data = nullptr;
  Status status = take(ort().GetTensorMutableData(value.get(), &data));
  if (!status.ok()) return status;
  auto elements = static_cast<size_t>(element_count(shape->dims()).value_or(0));
  size_t size = elements * element_size(dtype_);
  output.owner = own(std::move(value), static_cast<std::byte*>(data), size);
  output.view.data = output.owner->data();
  output.view.size = size;
  return {};
}

Ref<Buffer> OutputReader::own(Handle<OrtValue> value, std::byte* data, size_t size) const {
  if (!is_input_) return Ref<Buffer>::adopt(new TensorBuffer(std::move(value), data, size));
  Ref<Buffer> copy = Buffer::allocate(size);
  if (size > 0) std::memcpy(copy->data(), data, size);
  return copy;
}

Status OutputReader::check_rows(const Shape& shape, int64_t rows) const {
  if (!batched_ || (shape.rank() > 0 && shape[0] == rows)) return {};
  return internal("output '" + name_ + "' has the shape " + to_string(shape) + " for a batch of " +
                  std::to_string(rows) + " rows, expected " + std::to_string(rows) +
                  " as its first dimension: the model does not treat dimension 0 as a batch; serve "
                  "it with max_batch_size 0");
}

Status OutputReader::read_raw_strings(const OrtValue* value, int64_t rows,
                                      OutputTensor& output) const {
  auto elements = static_cast<size_t>(element_count(output.view.shape.dims()).value_or(0));
  Result<RawStrings> raw = read_strings(value, elements, batched_ ? static_cast<size_t>(rows) : 1);
  if (!raw.ok()) return internal("output '" + name_ + "': " + raw.status().message());
  output.view.data = raw->bytes->data();
  output.view.size = raw->bytes->size();
  output.owner = std::move(raw->bytes);
  if (batched_) output.row_offsets = std::move(raw->row_offsets);
  return {};
}

}  // namespace skein::runtime

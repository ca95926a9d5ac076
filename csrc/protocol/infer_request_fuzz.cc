// libFuzzer target: the first byte picks a model, the rest is a ModelInferRequest. Whatever the
// parser accepts must be safe to run; it is then encoded as a response. Seeds: corpus/, written by
// make_corpus.py.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/padding.h"
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "protocol/message_builder.h"

namespace skein::protocol {
namespace {

using testing::tensor;

#define CHECK(condition)                                                         \
  do {                                                                           \
    if (!(condition)) {                                                          \
      std::fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #condition); \
      std::abort();                                                              \
    }                                                                            \
  } while (false)

ModelSpec every_datatype(bool batched) {
  std::vector<TensorSpec> inputs;
  for (int i = 0; i < kDTypeCount; ++i) {
    DType dtype = static_cast<DType>(i);
    inputs.push_back(tensor(std::string(name(dtype)), dtype, {-1}));
  }
  return testing::model(std::move(inputs), batched ? 8 : 0);
}

ModelSpec padded() {
  ModelSpec spec = testing::model(
      {tensor("ids", DType::kInt64, {-1, -1}), tensor("bias", DType::kInt8, {-1, -1, -1}),
       tensor("x", DType::kInt8, {-1, 0, -1}), tensor("mask", DType::kInt64, {-1, 1, -1})},
      8);
  spec.padding = {.inputs = {{.index = 0}, {.index = 1}}, .mask = 3};
  return spec;
}

ModelSpec made() {
  ModelSpec spec = testing::model(
      {tensor("x", DType::kUint8, {-1, 3, 2, 2}), tensor("bias", DType::kFp32, {-1, 1})}, 8);
  spec.raw_inputs = {tensor("x", DType::kBytes, {-1, 1}),
                     tensor("x", DType::kUint8, {-1, -1, -1, 3}),
                     tensor("age", DType::kInt64, {-1, 1})};
  spec.raw_groups = {{.makes = {0}, .ways = {{0}, {1}}}, {.makes = {1}, .ways = {{2}}}};
  return spec;
}

ModelSpec narrow() {
  ModelSpec spec = testing::model({tensor("x", DType::kFp32, {-1, 2})}, 8);
  spec.raw_inputs = {tensor("x", DType::kBytes, {-1, 1}), tensor("a", DType::kInt16, {-1, 1}),
                     tensor("b", DType::kUint8, {-1, 1})};
  spec.raw_groups = {{.makes = {0}, .ways = {{1, 2}, {0}}}};
  return spec;
}

std::vector<ModelSpec> make_specs() {
  std::vector<ModelSpec> specs;
  specs.push_back(testing::model({tensor("x", DType::kFp32, {-1, 16})}, 32));
  specs.push_back(testing::model({tensor("x", DType::kFp32, {-1, -1})}));
  specs.push_back(
      testing::model({tensor("a", DType::kInt64, {-1, 4}), tensor("b", DType::kBytes, {-1}),
                      tensor("c", DType::kBool, {-1, 2, -1})},
                     4));
  specs.push_back(testing::model({tensor("s", DType::kFp32, {}), tensor("z", DType::kInt8, {0})}));
  specs.push_back(testing::model({tensor("x", DType::kFp16, {-1, -1, -1, -1, -1, -1, -1, -1})}));
  specs.push_back(testing::model({}));
  for (int i = 0; i < kDTypeCount; ++i) {
    specs.push_back(testing::model({tensor("x", static_cast<DType>(i), {-1})}));
  }
  specs.push_back(every_datatype(false));
  specs.push_back(every_datatype(true));
  specs.push_back(padded());
  specs.push_back(made());
  specs.push_back(narrow());
  for (ModelSpec& spec : specs) {
    spec.outputs.push_back(tensor("label", DType::kInt64, {-1}));
    spec.outputs.push_back(tensor("text", DType::kBytes, {-1}));
  }
  return specs;
}

bool lies_in(const TensorView& view, std::span<const std::byte> bytes) {
  return view.data >= bytes.data() && view.data + view.size <= bytes.data() + bytes.size();
}

bool lies_in_any(const TensorView& view, const InferRequest& request,
                 std::span<const std::byte> message) {
  if (lies_in(view, message)) return true;
  for (const Ref<Buffer>& buffer : request.converted) {
    if (lies_in(view, {buffer->data(), buffer->size()})) return true;
  }
  return false;
}

size_t count_strings(const TensorView& view) {
  size_t count = 0;
  size_t at = 0;
  while (at < view.size) {
    uint32_t length;
    CHECK(view.size - at >= sizeof(length));
    std::memcpy(&length, view.data + at, sizeof(length));
    at += sizeof(length);
    CHECK(view.size - at >= length);
    at += length;
    ++count;
  }
  return count;
}

// The mask is null where it was left out.
bool is_made(const InferRequest& request, const ModelSpec& spec, size_t input) {
  return static_cast<int>(input) == spec.padding.mask && request.inputs[input].data == nullptr;
}

void check_lengths(const InferRequest& request, const ModelSpec& spec) {
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (!is_padded(spec.padding, i)) continue;
    const Shape& shape = request.inputs[i].shape;
    CHECK(with_length(shape, spec.inputs[i].dims, request.length) == shape);
  }
}

void check_input(const TensorView& view, const TensorSpec& spec, bool made) {
  CHECK(view.dtype == spec.dtype);
  CHECK(view.shape.rank() == spec.dims.rank());
  for (size_t axis = 0; axis < spec.dims.rank(); ++axis) {
    CHECK(view.shape[axis] >= 0);
    CHECK(spec.dims[axis] < 0 || spec.dims[axis] == view.shape[axis]);
  }
  std::optional<int64_t> elements = element_count(view.shape.dims());
  CHECK(elements.has_value());
  size_t count = static_cast<size_t>(*elements);
  if (made) {
    CHECK(view.size == 0);
  } else if (view.dtype == DType::kBytes) {
    CHECK(count_strings(view) == count);
  } else {
    CHECK(view.size == count * element_size(view.dtype));
  }
  for (size_t i = 0; view.dtype == DType::kBool && i < view.size; ++i) {
    CHECK(static_cast<uint8_t>(view.data[i]) <= 1);
  }
}

// Whether the input is made from what was sent in its place, which is none of the parser's
// business.
bool is_left_open(const InferRequest& request, const ModelSpec& spec, size_t input) {
  for (size_t group = 0; group < spec.raw_groups.size(); ++group) {
    bool sent = request.ways[group] >= 0;
    if (sent && spec.raw_groups[group].makes[0] == input) return true;
  }
  return false;
}

void check_raw(const InferRequest& request, const ModelSpec& spec,
               std::span<const std::byte> message) {
  CHECK(request.raw.size() == spec.raw_inputs.size());
  for (size_t i = 0; i < spec.raw_inputs.size(); ++i) {
    const TensorView& view = request.raw[i];
    if (view.data == nullptr) continue;
    check_input(view, spec.raw_inputs[i], false);
    CHECK(lies_in_any(view, request, message));
    CHECK(view.shape[0] == request.rows);
  }
}

void check_request(const InferRequest& request, const ModelSpec& spec,
                   std::span<const std::byte> message) {
  CHECK(request.inputs.size() == spec.inputs.size());
  check_raw(request, spec, message);
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (is_left_open(request, spec, i)) {
      CHECK(request.inputs[i].data == nullptr && request.inputs[i].size == 0);
      continue;
    }
    bool made = is_made(request, spec, i);
    check_input(request.inputs[i], spec.inputs[i], made);
    CHECK(made || lies_in_any(request.inputs[i], request, message));
    if (spec.batched()) CHECK(request.inputs[i].shape[0] == request.rows);
  }
  check_lengths(request, spec);
  CHECK(request.rows >= 1);
  CHECK(request.rows <= (spec.batched() ? spec.batching.max_batch_size : 1));
  std::vector<bool> wanted(spec.outputs.size());
  CHECK(!request.outputs.empty());
  CHECK(request.classes.size() == request.outputs.size());
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    uint32_t output = request.outputs[i];
    CHECK(output < wanted.size());
    CHECK(!wanted[output]);
    CHECK(request.classes[i] == 0 || spec.outputs[output].dtype != DType::kBytes);
    wanted[output] = true;
  }
}

// Sends the inputs back as outputs, copied and (where large) as slices.
void check_response(const RequestHead& head, const InferRequest& request, const ModelSpec& spec) {
  std::vector<Ref<Buffer>> owners;
  std::vector<OutputView> outputs;
  owners.reserve(request.inputs.size());
  size_t tensor_bytes = 0;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    TensorView view = request.inputs[i];
    owners.push_back(Buffer::allocate(view.size));
    if (view.size > 0) std::memcpy(owners.back()->data(), view.data, view.size);
    view.data = owners.back()->data();
    tensor_bytes += view.size;
    outputs.push_back({view, &owners.back(), spec.inputs[i].name});
  }
  Body body = encode({head.model_name, head.model_version, head.id}, outputs);
  CHECK(body.size() >= tensor_bytes);
  size_t sum = 0;
  std::vector<std::byte> sent;
  for (size_t i = 0; i < body.slice_count(); ++i) {
    const Slice& slice = body.slice(i);
    CHECK(slice.size > 0);
    sent.insert(sent.end(), slice.data, slice.data + slice.size);
    sum += slice.size;
  }
  CHECK(sum == body.size());
  Result<RequestHead> again = read_head(sent);  // the first three fields are the same ones
  CHECK(again.ok());
  CHECK(again->model_name == head.model_name && again->id == head.id);
}

void run(std::span<const std::byte> message, const ModelSpec& spec) {
  static InferRequest request;  // reused, as the engine does
  Result<RequestHead> head = read_head(message);
  if (!head.ok()) {
    CHECK(!head.status().message().empty());
    return;
  }
  CHECK(head->claimed_rows() >= 1);
  Status status = parse(message, spec, request);
  if (!status.ok()) {
    CHECK(status.code() == Code::kInvalidArgument || status.code() == Code::kUnimplemented ||
          status.code() == Code::kInternal);
    CHECK(!status.message().empty());
    return;
  }
  check_request(request, spec, message);
  check_response(*head, request, spec);
}

}  // namespace
}  // namespace skein::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<skein::ModelSpec> specs = skein::protocol::make_specs();
  if (size == 0) return 0;
  // A copy of its own, so that the sanitizer sees a read past either end.
  size_t length = size - 1;
  std::unique_ptr<std::byte[]> message(new std::byte[length]);
  if (length > 0) std::memcpy(message.get(), data + 1, length);
  skein::protocol::run({message.get(), length}, specs[data[0] % specs.size()]);
  return 0;
}

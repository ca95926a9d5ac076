#include "protocol/typed_contents.h"

#include "protocol/contents_convert.h"
#include "protocol/contents_reader.h"
#include "protocol/wording.h"

namespace skein::protocol {
namespace {

namespace tc = tensor_contents;

constexpr uint32_t kNoField = 0;

// The contents field that carries a datatype.
uint32_t contents_field(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return tc::kBool;
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
      return tc::kInt;
    case DType::kInt64:
      return tc::kInt64;
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
      return tc::kUint;
    case DType::kUint64:
      return tc::kUint64;
    case DType::kFp32:
      return tc::kFp32;
    case DType::kFp64:
      return tc::kFp64;
    case DType::kBytes:
      return tc::kBytes;
    case DType::kFp16:
    case DType::kBf16:
      break;
  }
  return kNoField;
}

Status check_fields(const RequestInput& input, const ContentsSummary& summary, uint32_t expected,
                    DType dtype, const ModelSpec& spec) {
  for (uint32_t field = 1; field <= tc::kLast; ++field) {
    if (field == expected || summary.elements[field] == 0) continue;
    return invalid_argument(input_label(input.name, spec) + " is " + std::string(name(dtype)) +
                            ": put its data into " + where_data_goes(dtype) + ", not into " +
                            std::string(contents_field_name(field)));
  }
  return {};
}

Status check_count(const RequestInput& input, const ContentsSummary& summary, uint32_t field,
                   const ModelSpec& spec) {
  uint64_t got = summary.elements[field];
  if (got == static_cast<uint64_t>(input.elements)) return {};
  if (field == kNoField) {
    return invalid_argument(input_label(input.name, spec) +
                            " has no data; FP16 and BF16 have no "
                            "typed contents, put them into raw_input_contents");
  }
  return invalid_argument(input_label(input.name, spec) + ": expected " +
                          std::to_string(input.elements) + " elements in " +
                          std::string(contents_field_name(field)) + " for shape " +
                          to_string(input.shape) + ", got " + std::to_string(got));
}

}  // namespace

std::string where_data_goes(DType dtype) {
  uint32_t field = contents_field(dtype);
  if (field == kNoField) return "raw_input_contents (FP16 and BF16 have no typed contents)";
  return "contents." + std::string(contents_field_name(field)) + " or raw_input_contents";
}

Status view_typed(const RequestInput& input, const ModelSpec& spec, TensorView& view,
                  std::vector<Ref<Buffer>>& converted) {
  ContentsSummary summary;
  Status status = summarize_contents(input, summary);
  uint32_t field = contents_field(view.dtype);
  if (status.ok()) status = check_fields(input, summary, field, view.dtype, spec);
  if (status.ok()) {
    status = check_count(input, summary, field, spec);
  }
  if (!status.ok()) return status;
  view.data = input.message.data();
  view.size = 0;
  if (input.elements == 0) return {};
  bool in_place = summary.chunks == 1 && !summary.last_chunk.empty() &&
                  (field == tc::kFp32 || field == tc::kFp64);
  if (in_place) {
    view.data = summary.last_chunk.data();
    view.size = summary.last_chunk.size();
    return {};
  }
  return convert_contents(input, summary, spec, view, converted);
}

}  // namespace skein::protocol

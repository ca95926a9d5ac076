#include "engine/columns_maker.h"

#include <utility>

#include "base/quote.h"
#include "preprocess/columns_input.h"

namespace skein::engine {
namespace {

enum Way : size_t { kColumns, kJson };

// Requests of more bytes are shared with other threads, in tasks that are worth waking one.
constexpr size_t kLargeBytes = 256 << 10;
constexpr int64_t kRowsPerTask = 512;

class ColumnsMaker final : public InputMaker {
 public:
  ColumnsMaker(std::shared_ptr<const preprocess::ColumnsInput> columns, const RawGroup& group)
      : columns_(std::move(columns)), group_(group), input_(group.makes[0]) {}

  Status lay_out(protocol::InferRequest& request, size_t) const override {
    auto width = static_cast<int64_t>(columns_->width());
    request.inputs[input_] = {.dtype = columns_->dtype(),
                              .shape = {request.rows, width},
                              .size = columns_->row_bytes() * static_cast<size_t>(request.rows)};
    return {};
  }

  int64_t rows_per_task(const protocol::InferRequest& request, size_t way) const override {
    size_t bytes = 0;
    for (uint32_t raw : group_.ways[way]) bytes += request.raw[raw].size;
    return bytes > kLargeBytes ? kRowsPerTask : 0;
  }

  Status write(const protocol::InferRequest& request, size_t way, int64_t first, int64_t rows,
               std::byte* to) const override {
    uint32_t at = group_.ways[way][0];  // those of one way stand side by side
    if (way == kJson) return columns_->json(request.raw[at], first, rows, to);
    std::span<const TensorView> tensors(request.raw);
    return columns_->columns(tensors.subspan(at, group_.ways[way].size()), first, rows, to);
  }

 private:
  std::shared_ptr<const preprocess::ColumnsInput> columns_;
  RawGroup group_;
  uint32_t input_;
};

}  // namespace

Result<std::unique_ptr<const InputMaker>> make_columns_maker(const ModelSpec& spec,
                                                             const RawGroup& group) {
  auto columns = preprocess::ColumnsInput::create(*std::get<1>(group.how));
  if (!columns.ok()) return columns.status();
  const TensorSpec& input = spec.inputs[group.makes[0]];
  auto width = static_cast<int64_t>((*columns)->width());
  if (input.dims.rank() != 2 || (input.dims[1] >= 0 && input.dims[1] != width)) {
    return invalid_argument("input " + quote(input.name) + " has the shape " +
                            to_string(input.dims) + ", but its columns make " +
                            std::to_string(width) + " features: [-1," + std::to_string(width) +
                            "]");
  }
  return std::unique_ptr<const InputMaker>(
      std::make_unique<ColumnsMaker>(std::move(*columns), group));
}

}  // namespace skein::engine

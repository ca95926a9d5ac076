#include "engine/image_maker.h"

#include <utility>

#include "base/quote.h"
#include "engine/string_elements.h"
#include "preprocess/image_input.h"

namespace skein::engine {
namespace {

enum Way : size_t { kEncoded, kPixels };

class ImageMaker final : public InputMaker {
 public:
  ImageMaker(std::shared_ptr<const preprocess::ImageInput> image, const ModelSpec& spec,
             const RawGroup& group)
      : image_(std::move(image)),
        input_(group.makes[0]),
        encoded_(group.ways[kEncoded][0]),
        pixels_(group.ways[kPixels][0]),
        shape_(spec.inputs[input_].dims) {
    const ImageSpec& made = image_->spec();
    bool planar = made.layout == ImageLayout::kNchw;
    size_t first = shape_.rank() - 3;
    for (size_t axis = 0; axis < first; ++axis) shape_[axis] = 1;
    shape_[first] = planar ? made.channels() : made.height;
    shape_[first + 1] = planar ? made.height : made.width;
    shape_[first + 2] = planar ? made.width : made.channels();
  }

  Status lay_out(protocol::InferRequest& request, size_t) const override {
    TensorView& view = request.inputs[input_];
    view = {.dtype = image_->spec().dtype, .shape = shape_};
    if (shape_.rank() > 3) view.shape[0] = request.rows;
    view.size = image_->row_bytes() * static_cast<size_t>(request.rows);
    return {};
  }

  int64_t rows_per_task(const protocol::InferRequest&, size_t) const override { return 1; }

  Status write(const protocol::InferRequest& request, size_t way, int64_t first, int64_t rows,
               std::byte* to) const override {
    for (int64_t row = first; row < first + rows; ++row, to += image_->row_bytes()) {
      Status status = way == kEncoded
                          ? image_->decode(string_element(request.raw[encoded_], row), to)
                          : convert(request.raw[pixels_], row, to);
      if (!status.ok()) return at_row(request, way, row, std::move(status));
    }
    return {};
  }

 private:
  Status convert(const TensorView& pixels, int64_t row, std::byte* to) const {
    int64_t height = pixels.shape[1];
    int64_t width = pixels.shape[2];
    size_t size = pixels.size / static_cast<size_t>(pixels.shape[0]);
    return image_->convert(pixels.data + size * static_cast<size_t>(row), height, width, to);
  }

  Status at_row(const protocol::InferRequest& request, size_t way, int64_t row,
                Status status) const {
    std::string where = "picture";
    if (request.rows > 1) where += " " + std::to_string(row);
    return {status.code(), where + (way == kPixels ? " (pixels): " : ": ") + status.message()};
  }

  std::shared_ptr<const preprocess::ImageInput> image_;
  uint32_t input_, encoded_, pixels_;
  Shape shape_;
};

}  // namespace

Result<std::unique_ptr<const InputMaker>> make_image_maker(const ModelSpec& spec,
                                                           const RawGroup& group) {
  const TensorSpec& input = spec.inputs[group.makes[0]];
  if (input.dims.rank() < 3) {
    return invalid_argument("input " + quote(input.name) + " has the shape " +
                            to_string(input.dims) + ": a picture needs 3 dimensions");
  }
  auto image = preprocess::ImageInput::create(*std::get<0>(group.how));
  if (!image.ok()) return image.status();
  return std::unique_ptr<const InputMaker>(
      std::make_unique<ImageMaker>(std::move(*image), spec, group));
}

}  // namespace skein::engine

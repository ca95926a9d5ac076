// ImageInput as Python sees it: whole batches, on several threads, without the GIL.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/error.h"
#include "bindings/items.h"
#include "preprocess/image_input.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using preprocess::ImageInput;

template <class T, size_t N>
using Names = std::array<std::pair<const char*, T>, N>;
constexpr Names<ColorOrder, 3> kColors{
    {{"rgb", ColorOrder::kRgb}, {"bgr", ColorOrder::kBgr}, {"gray", ColorOrder::kGray}}};
constexpr Names<ResizeMode, 3> kModes{{{"stretch", ResizeMode::kStretch},
                                       {"shortest", ResizeMode::kShortest},
                                       {"fit", ResizeMode::kFit}}};
constexpr Names<ResizeFilter, 3> kFilters{{{"box", ResizeFilter::kBox},
                                           {"bilinear", ResizeFilter::kBilinear},
                                           {"bicubic", ResizeFilter::kBicubic}}};
constexpr Names<ImageLayout, 2> kLayouts{
    {{"nchw", ImageLayout::kNchw}, {"nhwc", ImageLayout::kNhwc}}};

template <class T, size_t N>
T value_of(const char* what, const std::string& text, const Names<T, N>& names) {
  for (const auto& [known, value] : names) {
    if (text == known) return value;
  }
  raise_unless_ok(invalid_argument(std::string(what) + " '" + text + "' is unknown"));
  return {};
}

ImageSpec make_spec(const std::string& datatype, int64_t height, int64_t width,
                    const std::string& layout, const std::string& color,
                    const std::vector<std::string>& formats, const std::string& resize,
                    int64_t shorter_side, const std::string& filter,
                    std::array<uint8_t, 3> pad_color, bool orient, bool scaled_decoding,
                    double scale, std::array<double, 3> mean, std::array<double, 3> std,
                    int64_t max_pixels, int64_t max_bytes, int max_scans) {
  std::optional<DType> dtype = dtype_from_name(datatype);
  if (!dtype) raise_unless_ok(invalid_argument("unknown datatype '" + datatype + "'"));
  auto accepts = [&](const char* format) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };
  return {.dtype = *dtype,
          .height = height,
          .width = width,
          .layout = value_of("layout", layout, kLayouts),
          .color = value_of("color", color, kColors),
          .jpeg = accepts("jpeg"),
          .png = accepts("png"),
          .webp = accepts("webp"),
          .resize = value_of("resize", resize, kModes),
          .shorter_side = shorter_side,
          .filter = value_of("filter", filter, kFilters),
          .pad_color = pad_color,
          .orient = orient,
          .scaled_decoding = scaled_decoding,
          .scale = scale,
          .mean = mean,
          .std = std,
          .max_pixels = max_pixels,
          .max_bytes = max_bytes,
          .max_scans = max_scans};
}

std::array<int64_t, 3> shape_of(const ImageInput& input) {
  const ImageSpec& spec = input.spec();
  if (spec.layout == ImageLayout::kNchw) return {spec.channels(), spec.height, spec.width};
  return {spec.height, spec.width, spec.channels()};
}

// Pixels or an encoded picture, in memory that `owner` keeps.
struct Picture {
  const std::byte* data = nullptr;
  size_t size = 0;
  int64_t height = 0;  // 0: encoded
  int64_t width = 0;
};

Picture picture_of(const py::buffer_info& info, size_t index) {
  auto bytes = static_cast<const std::byte*>(info.ptr);
  auto size = static_cast<size_t>(info.size * info.itemsize);
  bool dense = PyBuffer_IsContiguous(info.view(), 'C') != 0;
  if (dense && info.itemsize == 1 && info.ndim == 1) return {bytes, size};
  if (dense && info.itemsize == 1 && info.ndim == 3 && info.shape[2] == 3) {
    return {bytes, size, info.shape[0], info.shape[1]};
  }
  raise_unless_ok(at_item(
      index, invalid_argument("expected the bytes of an encoded picture, or UINT8 pixels of shape "
                              "[height, width, 3], rows one after another")));
  return {};
}

Status prepare_one(const ImageInput& input, const Picture& picture, std::byte* to) {
  if (picture.height == 0 && picture.width == 0) {
    return input.decode({picture.data, picture.size}, to);
  }
  return input.convert(picture.data, picture.height, picture.width, to);
}

void prepare(const ImageInput& input, const std::vector<py::buffer>& items, const py::buffer& into,
             int threads) {
  std::vector<py::buffer_info> infos;  // they keep the memory
  std::vector<Picture> pictures;
  for (size_t i = 0; i < items.size(); ++i) {
    infos.push_back(items[i].request());
    pictures.push_back(picture_of(infos.back(), i));
  }
  py::buffer_info to = into.request(true);
  size_t needed = items.size() * input.row_bytes();
  if (static_cast<size_t>(to.size * to.itemsize) != needed) {
    raise_unless_ok(invalid_argument("expected room for " + std::to_string(needed) + " bytes"));
  }
  auto* bytes = static_cast<std::byte*>(to.ptr);
  Status status = for_each_item(items.size(), threads, [&](size_t i) {
    return prepare_one(input, pictures[i], bytes + i * input.row_bytes());
  });
  raise_unless_ok(status);
}

}  // namespace

void bind_images(py::module_& module) {
  py::class_<ImageSpec>(module, "ImageSpec")
      .def(py::init(&make_spec), py::kw_only(), "datatype"_a, "height"_a, "width"_a, "layout"_a,
           "color"_a, "formats"_a, "resize"_a, "shorter_side"_a, "filter"_a, "pad_color"_a,
           "orient"_a, "scaled_decoding"_a, "scale"_a, "mean"_a, "std"_a, "max_pixels"_a,
           "max_bytes"_a, "max_scans"_a);
  py::class_<ImageInput, std::shared_ptr<ImageInput>>(module, "ImageInput")
      .def(py::init([](const ImageSpec& spec) {
             return std::const_pointer_cast<ImageInput>(value_or_raise(ImageInput::create(spec)));
           }),
           "spec"_a)
      .def_property_readonly("shape", &shape_of)
      .def_property_readonly("row_bytes", &ImageInput::row_bytes)
      .def("prepare", &prepare, "items"_a, "into"_a, py::kw_only(), "threads"_a = 1);
}

}  // namespace skein::bindings

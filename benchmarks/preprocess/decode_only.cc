// The least that a JPEG costs: libjpeg-turbo alone, rows to where they are forgotten.
#include <pybind11/pybind11.h>

// jpeglib.h needs what stands before it:
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <chrono>
#include <string_view>
#include <vector>

namespace py = pybind11;

namespace {

// Decodes a valid JPEG to RGB, `times` times; returns the seconds.
double decode_only(const py::bytes& encoded, int times) {
  std::string_view bytes = encoded;
  py::gil_scoped_release release;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  std::vector<JSAMPLE> row;
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) {
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    info.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info);
    row.resize(size_t{3} * info.output_width);
    JSAMPROW to = row.data();
    while (info.output_scanline < info.output_height) jpeg_read_scanlines(&info, &to, 1);
    jpeg_abort_decompress(&info);
  }
  std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  jpeg_destroy_decompress(&info);
  return taken.count();
}

}  // namespace

PYBIND11_MODULE(_decode_only, module) { module.def("decode_only", &decode_only); }

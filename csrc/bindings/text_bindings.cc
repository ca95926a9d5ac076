// Text to token ids, for the Python library that training uses.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "bindings/bindings.h"
#include "bindings/error.h"
#include "preprocess/text_input.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using preprocess::TextInput;
using preprocess::TextRows;

constexpr size_t kRowsPerPart = 64;

std::optional<DType> dtype_of(const std::optional<std::string>& datatype) {
  if (!datatype) return std::nullopt;
  std::optional<DType> dtype = dtype_from_name(*datatype);
  if (!dtype) raise_unless_ok(invalid_argument("unknown datatype '" + *datatype + "'"));
  return dtype;
}

std::optional<TextTruncation> truncation_of(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  if (*name == "right") return TextTruncation::kRight;
  if (*name == "left") return TextTruncation::kLeft;
  if (*name == "error") return TextTruncation::kError;
  raise_unless_ok(invalid_argument("truncation '" + *name + "' should be right, left or error"));
  return std::nullopt;
}

TextSpec make_spec(int64_t max_length, const std::optional<std::string>& truncation,
                   int64_t fixed_length, int64_t max_bytes, const std::string& ids,
                   const std::optional<std::string>& mask,
                   const std::optional<std::string>& types) {
  return {.max_length = max_length,
          .truncation = truncation_of(truncation),
          .fixed_length = fixed_length,
          .max_bytes = max_bytes,
          .ids = *dtype_of(ids),
          .mask = dtype_of(mask),
          .types = dtype_of(types)};
}

// A view of the characters of a str, as UTF-8, or of the bytes of a bytes object, which keeps them.
std::string_view text_of(const py::handle& item, size_t index) {
  if (PyBytes_Check(item.ptr())) {
    return {PyBytes_AS_STRING(item.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(item.ptr()))};
  }
  if (!PyUnicode_Check(item.ptr())) {
    throw py::type_error("text " + std::to_string(index) + " should be str or bytes");
  }
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(item.ptr(), &size);
  if (text == nullptr) throw py::error_already_set();
  return {text, static_cast<size_t>(size)};
}

// Runs work(part) for every part below `count` on so many threads, this one included. The GIL is
// released. Throws what one of them threw.
template <class Work>
void in_parts(size_t count, int threads, Work work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  auto loop = [&] {
    try {
      for (size_t part = next++; part < count; part = next++) work(part);
    } catch (...) {
      std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads && static_cast<size_t>(i) < count; ++i) others.emplace_back(loop);
    loop();
  }
  if (thrown) std::rethrow_exception(thrown);
}

// Rows kRowsPerPart * part and on.
struct Part {
  TextRows rows;
  Status status;
};

void encode_part(const TextInput& input, const std::vector<std::string_view>& texts, size_t first,
                 Part& part) {
  size_t end = std::min(first + kRowsPerPart, texts.size());
  for (size_t row = first; row < end && part.status.ok(); ++row) {
    part.status = input.add(texts[row], part.rows);
    if (part.status.ok()) continue;
    part.status = {part.status.code(),
                   "text " + std::to_string(row) + ": " + part.status.message()};
  }
}

py::array make_array(DType dtype, size_t rows, size_t length) {
  std::vector<size_t> shape = {rows, length};
  if (dtype == DType::kInt32) return py::array_t<int32_t>(shape);
  return py::array_t<int64_t>(shape);
}

py::tuple encode(const TextInput& input, const py::sequence& items, int threads) {
  std::vector<std::string_view> texts;
  py::list kept(items);  // holds every text, whatever the caller's list does meanwhile
  for (const py::handle& item : kept) texts.push_back(text_of(item, texts.size()));
  std::vector<Part> parts((texts.size() + kRowsPerPart - 1) / kRowsPerPart);
  {
    py::gil_scoped_release release;
    in_parts(parts.size(), threads,
             [&](size_t part) { encode_part(input, texts, part * kRowsPerPart, parts[part]); });
  }
  size_t longest = 0;
  for (const Part& part : parts) {
    raise_unless_ok(part.status);
    longest = std::max(longest, part.rows.longest);
  }
  size_t length = input.length(longest);
  const TextSpec& spec = input.spec();
  auto array_of = [&](std::optional<DType> dtype, auto write) -> py::object {
    if (!dtype) return py::none();
    py::array array = make_array(*dtype, texts.size(), length);
    std::byte* data = static_cast<std::byte*>(array.mutable_data());
    size_t part_bytes = kRowsPerPart * length * element_size(*dtype);
    {
      py::gil_scoped_release release;
      in_parts(parts.size(), threads, [&](size_t part) {
        (input.*write)(parts[part].rows, length, data + part * part_bytes);
      });
    }
    return array;
  };
  return py::make_tuple(array_of(spec.ids, &TextInput::write_ids),
                        array_of(spec.mask, &TextInput::write_mask),
                        array_of(spec.types, &TextInput::write_types));
}

}  // namespace

void bind_text(py::module_& module) {
  py::class_<TextSpec>(module, "TextSpec")
      .def(py::init(&make_spec), py::kw_only(), "max_length"_a = 0, "truncation"_a = py::none(),
           "fixed_length"_a = 0, "max_bytes"_a = 1 << 20, "ids"_a = "INT64", "mask"_a = py::none(),
           "types"_a = py::none());
  py::class_<TextInput, std::shared_ptr<TextInput>>(module, "TextInput")
      .def(py::init([](std::string_view json, const TextSpec& spec) {
             py::gil_scoped_release release;
             Result<std::shared_ptr<const TextInput>> made = TextInput::create(json, spec);
             py::gil_scoped_acquire acquire;
             return std::const_pointer_cast<TextInput>(value_or_raise(std::move(made)));
           }),
           "tokenizer"_a, "spec"_a)
      .def_property_readonly("max_length",
                             [](const TextInput& input) { return input.tokenizer().max_length(); })
      .def_property_readonly("pad_type",
                             [](const TextInput& input) { return input.tokenizer().pad_type(); })
      .def_property_readonly("pad_id",
                             [](const TextInput& input) { return input.tokenizer().pad_id(); })
      .def("encode", &encode, "texts"_a, "threads"_a);
}

}  // namespace skein::bindings

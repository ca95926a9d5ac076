// Rows of named columns as Python sees them: the specification and its use on whole arrays.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/columns_spec.h"
#include "bindings/bindings.h"
#include "bindings/error.h"
#include "preprocess/columns_input.h"

namespace py = pybind11;
using namespace py::literals;

namespace skein::bindings {
namespace {

using preprocess::ColumnsInput;

constexpr int64_t kRowsPerThread = 2048;  // fewer are not worth a thread

DType dtype_of(const std::string& datatype) {
  std::optional<DType> dtype = dtype_from_name(datatype);
  if (!dtype) raise_unless_ok(invalid_argument("unknown datatype '" + datatype + "'"));
  return *dtype;
}

Missing missing_of(const std::string& rule) {
  if (rule == "error") return Missing::kError;
  if (rule == "fill") return Missing::kFill;
  if (rule == "nan") return Missing::kNan;
  if (rule == "unknown") return Missing::kUnknown;
  if (rule == "category") return Missing::kCategory;
  raise_unless_ok(invalid_argument("unknown rule for missing values '" + rule + "'"));
  return Missing::kError;
}

void bind_transforms(py::module_& module) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  using Categories = std::vector<ColumnValue>;
  py::class_<Standardize>(module, "Standardize")
      .def(py::init<double, double>(), "mean"_a, "scale"_a);
  py::class_<MinMax>(module, "MinMax")
      .def(py::init<double, double, double, double>(), "scale"_a, "min"_a, "low"_a = -kInfinity,
           "high"_a = kInfinity);
  py::class_<OneHot>(module, "OneHot")
      .def(py::init<Categories, bool, int32_t>(), "categories"_a, "ignore_unknown"_a,
           "drop"_a = -1);
  py::class_<Ordinal>(module, "Ordinal")
      .def(py::init<Categories, std::optional<double>, std::optional<double>>(), "categories"_a,
           "unknown"_a = py::none(), "missing"_a = py::none());
  py::class_<HashBuckets>(module, "HashBuckets")
      .def(py::init<uint32_t, uint32_t, bool>(), "buckets"_a, "seed"_a = 0, "one_hot"_a = false);
  py::class_<Bucketize>(module, "Bucketize")
      .def(py::init<std::vector<double>, bool>(), "boundaries"_a, "one_hot"_a = false);
  py::class_<IsMissing>(module, "IsMissing")
      .def(py::init<double, double>(), "present"_a = 0.0, "missing"_a = 1.0);
}

void bind_column_specs(py::module_& module) {
  using Transform = std::optional<
      std::variant<Standardize, MinMax, OneHot, Ordinal, HashBuckets, Bucketize, IsMissing>>;
  py::class_<FeatureSpec>(module, "ColumnFeature")
      .def(py::init([](uint32_t column, const Transform& transform, const std::string& missing,
                       ColumnValue fill) {
             FeatureSpec spec{.column = column, .missing = missing_of(missing)};
             spec.fill = std::move(fill);
             if (transform) {
               std::visit([&spec](const auto& chosen) { spec.transform = chosen; }, *transform);
             }
             return spec;
           }),
           "column"_a, "transform"_a = py::none(), py::kw_only(), "missing"_a = "error",
           "fill"_a = 0);
}

ColumnsSpec make_spec(const std::vector<std::pair<std::string, std::string>>& columns,
                      std::vector<FeatureSpec> features, const std::string& datatype,
                      bool ignore_extra) {
  ColumnsSpec spec{.features = std::move(features), .dtype = dtype_of(datatype)};
  for (const auto& [column, sent] : columns) spec.columns.push_back({column, dtype_of(sent)});
  spec.ignore_extra = ignore_extra;
  return spec;
}

// Runs `use(first, rows, to)` over parts of the rows, each on a thread of its own; the failure of
// the earliest part counts. The GIL is held only outside.
template <class Use>
void in_parts(const ColumnsInput& input, int64_t rows, std::byte* to, int threads, Use use) {
  Status status;
  {
    py::gil_scoped_release release;
    int64_t parts = std::clamp<int64_t>(rows / kRowsPerThread, 1, std::max(threads, 1));
    std::vector<Status> statuses(static_cast<size_t>(parts));
    auto part = [&](int64_t i) {
      int64_t first = rows * i / parts;
      int64_t end = rows * (i + 1) / parts;
      std::byte* start = to + static_cast<size_t>(first) * input.row_bytes();
      try {
        statuses[static_cast<size_t>(i)] = use(first, end - first, start);
      } catch (const std::bad_alloc&) {
        statuses[static_cast<size_t>(i)] = resource_exhausted("out of memory");
      }
    };
    {
      std::vector<std::jthread> others;
      for (int64_t i = 1; i < parts; ++i) others.emplace_back(part, i);
      part(0);
    }
    auto failed = std::ranges::find_if(statuses, [](const Status& each) { return !each.ok(); });
    if (failed != statuses.end()) status = *failed;
  }
  raise_unless_ok(status);
}

// Writable memory of `rows` rows. `held` keeps it.
std::byte* target(const ColumnsInput& input, int64_t rows, const py::buffer_info& held) {
  size_t size = static_cast<size_t>(held.size) * static_cast<size_t>(held.itemsize);
  if (held.readonly || rows < 0 || size != static_cast<size_t>(rows) * input.row_bytes()) {
    raise_unless_ok(invalid_argument("the output has " + std::to_string(size) +
                                     " bytes; expected " + std::to_string(rows) + " rows of " +
                                     std::to_string(input.row_bytes()) + " that can be written"));
  }
  return static_cast<std::byte*>(held.ptr);
}

// The columns of a batch; `held` keeps their memory, None is a column that was left out.
std::vector<TensorView> views_of(const ColumnsInput& input, const py::sequence& columns,
                                 int64_t rows, std::vector<py::buffer_info>& held) {
  std::vector<TensorView> views;
  for (const py::handle& column : columns) {
    if (column.is_none() || views.size() >= input.column_specs().size()) {
      views.emplace_back();
      continue;
    }
    held.push_back(column.cast<py::buffer>().request());
    const py::buffer_info& info = held.back();
    views.push_back({input.column_specs()[views.size()].dtype,
                     {rows},
                     static_cast<const std::byte*>(info.ptr),
                     static_cast<size_t>(info.size) * static_cast<size_t>(info.itemsize)});
    static constexpr std::byte kNothing{};
    if (views.back().data == nullptr) views.back().data = &kNothing;
  }
  return views;
}

void run_columns(const ColumnsInput& input, const py::sequence& columns, int64_t rows,
                 const py::buffer& to, int threads) {
  std::vector<py::buffer_info> held;
  std::vector<TensorView> views = views_of(input, columns, rows, held);
  py::buffer_info out = to.request(true);
  in_parts(input, rows, target(input, rows, out), threads,
           [&](int64_t first, int64_t count, std::byte* start) {
             return input.columns(views, first, count, start);
           });
}

// The bytes of a str, as UTF-8, or of a bytes object, which keeps them.
std::string_view text_in(const py::handle& object, size_t number) {
  Py_ssize_t size = 0;
  const char* data = nullptr;
  if (PyUnicode_Check(object.ptr())) {
    data = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (data == nullptr) throw py::error_already_set();
  } else if (PyBytes_Check(object.ptr())) {
    data = PyBytes_AS_STRING(object.ptr());
    size = PyBytes_GET_SIZE(object.ptr());
  } else {
    raise_unless_ok(invalid_argument("row " + std::to_string(number) + ": expected text, got " +
                                     std::string(py::str(py::type::handle_of(object)))));
  }
  return {data, static_cast<size_t>(size)};
}

void run_json(const ColumnsInput& input, const py::list& objects, const py::buffer& to,
              int threads) {
  py::tuple kept(objects);  // whatever other threads do with the list
  std::vector<std::string_view> texts;
  texts.reserve(kept.size());
  for (const py::handle& object : kept) texts.push_back(text_in(object, texts.size()));
  py::buffer_info out = to.request(true);
  int64_t rows = static_cast<int64_t>(texts.size());
  in_parts(input, rows, target(input, rows, out), threads,
           [&](int64_t first, int64_t count, std::byte* start) {
             std::span<const std::string_view> all(texts);
             return input.json_rows(
                 all.subspan(static_cast<size_t>(first), static_cast<size_t>(count)), first, start);
           });
}

bool is_text(const py::handle& object) {
  return PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr());
}

// None, NaN and pandas' NA.
bool is_missing(const py::handle& object) {
  if (object.is_none()) return true;
  if (PyFloat_Check(object.ptr())) return std::isnan(PyFloat_AS_DOUBLE(object.ptr()));
  return std::string_view(Py_TYPE(object.ptr())->tp_name).ends_with("NAType");
}

py::bytes encode_texts(const py::list& texts) {
  std::string encoded;
  size_t number = 0;
  for (const py::handle& object : texts) {
    std::string_view text = is_text(object) || !is_missing(object) ? text_in(object, number) : "";
    if (text.size() > UINT32_MAX) {
      raise_unless_ok(invalid_argument("row " + std::to_string(number) + ": over 4 GiB of text"));
    }
    uint32_t length = static_cast<uint32_t>(text.size());
    encoded.append(reinterpret_cast<const char*>(&length), sizeof length);
    encoded += text;
    ++number;
  }
  return encoded;
}

// Nanoseconds of each call on data that is ready, for at least `seconds`.
template <class Call>
std::vector<int64_t> times_of(double seconds, Call call) {
  using Clock = std::chrono::steady_clock;
  std::vector<int64_t> times;
  Clock::time_point now = Clock::now();
  Clock::time_point end = now + std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
  while (now < end) {
    raise_unless_ok(call());
    Clock::time_point then = std::exchange(now, Clock::now());
    times.push_back((now - then).count());
  }
  return times;
}

std::vector<int64_t> time_columns(const ColumnsInput& input, const py::sequence& columns,
                                  int64_t rows, double seconds) {
  std::vector<py::buffer_info> held;
  std::vector<TensorView> views = views_of(input, columns, rows, held);
  std::vector<std::byte> out(static_cast<size_t>(rows) * input.row_bytes());
  return times_of(seconds, [&] { return input.columns(views, 0, rows, out.data()); });
}

std::vector<int64_t> time_json(const ColumnsInput& input, const py::bytes& objects, int64_t rows,
                               double seconds) {
  std::string_view bytes = objects;
  TensorView view{
      DType::kBytes, {rows}, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
  std::vector<std::byte> out(static_cast<size_t>(rows) * input.row_bytes());
  return times_of(seconds, [&] { return input.json(view, 0, rows, out.data()); });
}

}  // namespace

void bind_columns(py::module_& module) {
  bind_transforms(module);
  bind_column_specs(module);
  module.def("encode_texts", &encode_texts, "texts"_a);
  py::class_<ColumnsSpec>(module, "ColumnsSpec")
      .def(py::init(&make_spec), py::kw_only(), "columns"_a, "features"_a, "datatype"_a = "FP32",
           "ignore_extra"_a = false);
  // Its methods are const: one object serves all threads.
  py::class_<ColumnsInput, std::shared_ptr<ColumnsInput>>(module, "ColumnsInput")
      .def(py::init([](ColumnsSpec spec) {
             auto made = value_or_raise(ColumnsInput::create(std::move(spec)));
             return std::const_pointer_cast<ColumnsInput>(made);
           }),
           "spec"_a)
      .def_property_readonly("width", &ColumnsInput::width)
      .def("columns", &run_columns, "columns"_a, "rows"_a, "to"_a, "threads"_a = 1)
      .def("json", &run_json, "objects"_a, "to"_a, "threads"_a = 1)
      .def("time_columns", &time_columns, "columns"_a, "rows"_a, "seconds"_a)
      .def("time_json", &time_json, "objects"_a, "rows"_a, "seconds"_a);
}

}  // namespace skein::bindings

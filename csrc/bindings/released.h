// A reference whose last release may wait for threads, so it happens without the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

#include "runtime/onnx.h"

namespace skein::bindings {

template <class T>
class Released {
 public:
  explicit Released(std::shared_ptr<T> object) : object_(std::move(object)) {}
  Released(Released&&) noexcept = default;
  Released(const Released&) = delete;
  ~Released() {
    if (!object_) return;
    pybind11::gil_scoped_release release;
    object_.reset();
  }
  const std::shared_ptr<T>& get() const { return object_; }
  T* operator->() const { return object_.get(); }

 private:
  std::shared_ptr<T> object_;
};

using PyRuntime = Released<runtime::OnnxRuntime>;
using PyModel = Released<runtime::OnnxModel>;

}  // namespace skein::bindings

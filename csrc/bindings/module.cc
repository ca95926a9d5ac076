#include "bindings/bindings.h"
#include "bindings/error.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The native engine of Skein.";
  skein::bindings::bind_error(module);
  skein::bindings::bind_specs(module);
  skein::bindings::bind_text(module);
  skein::bindings::bind_columns(module);
  skein::bindings::bind_telemetry(module);
  skein::bindings::bind_request_records(module);
  skein::bindings::bind_models(module);
  skein::bindings::bind_images(module);
  skein::bindings::bind_raw_inputs(module);
  skein::bindings::bind_engine(module);
}

#include "protocol/tensor_parameters.h"

namespace skein::protocol {

Status TensorParameters::read(Bytes entry, const std::byte* origin) {
  ParameterEntry parameter;
  Status status = read_parameter(entry, origin, parameter);
  if (!status.ok()) return status;
  if (parameter.key == "shared_memory_region") shared_memory_region = parameter.value;
  if (parameter.key == "classification") classification = parameter.value;
  return {};
}

}  // namespace skein::protocol

#include "runtime/bound_slot.h"

namespace skein::runtime {

Result<BoundSlot> BoundSlot::create(std::shared_ptr<Session> session, const ModelSpec& spec,
                                    const std::shared_ptr<const Stream>& stream) {
  BoundSlot slot{std::move(session), spec, {}, {}, {}};
  DeviceMemory& memory = stream->memory();
  OrtMemoryInfo* info = nullptr;
  Status status = take(ort().CreateMemoryInfo(memory.ort_name(), OrtDeviceAllocator,
                                              memory.device_id(), OrtMemTypeDefault, &info));
  if (!status.ok()) return status;
  slot.memory.reset(info);
  if (status = memory.use(); !status.ok()) return status;
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    Result<BoundInput> input = BoundInput::create(spec, i, stream);
    if (!input.ok()) return input.status();
    slot.inputs.push_back(std::move(*input));
  }
  for (size_t i = 0; i < spec.outputs.size(); ++i) {
    Result<BoundOutput> output = BoundOutput::create(spec, i, stream);
    if (!output.ok()) return output.status();
    slot.outputs.push_back(std::move(*output));
  }
  return slot;
}

}  // namespace skein::runtime

#include "engine/input_maker.h"

namespace skein::engine {

Result<InputMakers> InputMakers::create(const ModelSpec& spec) {
  InputMakers made;
  made.group_of_.resize(spec.inputs.size());
  for (const RawGroup& group : spec.raw_groups) {
    for (uint32_t input : group.makes) made.group_of_[input] = made.makers_.size();
  }
  return made;
}

}  // namespace skein::engine

#include "engine/input_maker.h"

#include <array>
#include <utility>

#include "engine/columns_maker.h"
#include "engine/image_maker.h"
#include "engine/text_maker.h"

namespace skein::engine {
namespace {

using Make = Result<std::unique_ptr<const InputMaker>> (*)(const ModelSpec&, const RawGroup&);

// In the order of RawGroup::how.
constexpr std::array<Make, 3> kKinds = {make_image_maker, make_columns_maker, make_text_maker};

}  // namespace

Result<InputMakers> InputMakers::create(const ModelSpec& spec) {
  InputMakers made;
  made.group_of_.resize(spec.inputs.size());
  for (const RawGroup& group : spec.raw_groups) {
    for (uint32_t input : group.makes) made.group_of_[input] = made.makers_.size();
    Result<std::unique_ptr<const InputMaker>> maker = kKinds[group.how.index()](spec, group);
    if (!maker.ok()) return maker.status();
    made.makers_.push_back(std::move(*maker));
  }
  return made;
}

}  // namespace skein::engine

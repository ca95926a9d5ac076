#include "engine/text_maker.h"

#include <utility>

#include "preprocess/text_input.h"

namespace skein::engine {
namespace {

class TextMaker final : public InputMaker {
 public:
  TextMaker(std::shared_ptr<const preprocess::TextInput> text, const RawGroup& group)
      : text_(std::move(text)), makes_(group.makes), raw_(group.ways[0][0]) {}

  size_t early_bytes(const protocol::InferRequest& request, size_t) const override {
    size_t made = static_cast<size_t>(request.rows * text_->spec().fixed_length);
    return request.raw[raw_].size + made * element_size(text_->spec().ids);
  }

  Status lay_out(protocol::InferRequest& request, size_t) const override {
    Result<preprocess::TextTensors> made = text_->encode(request.raw[raw_]);
    if (!made.ok()) return made.status();
    const TextSpec& spec = text_->spec();
    size_t next = 0;
    put(request, makes_[next++], spec.ids, made->ids, *made);
    if (spec.mask) put(request, makes_[next++], *spec.mask, made->mask, *made);
    if (spec.types) put(request, makes_[next++], *spec.types, made->types, *made);
    return {};
  }

 private:
  static void put(protocol::InferRequest& request, uint32_t input, DType dtype,
                  const Ref<Buffer>& bytes, const preprocess::TextTensors& made) {
    request.converted.push_back(bytes);
    request.inputs[input] = {.dtype = dtype,
                             .shape = {made.rows, made.length},
                             .data = bytes->data(),
                             .size = bytes->size()};
  }

  std::shared_ptr<const preprocess::TextInput> text_;
  std::vector<uint32_t> makes_;
  uint32_t raw_;
};

}  // namespace

Result<std::unique_ptr<const InputMaker>> make_text_maker(const ModelSpec&, const RawGroup& group) {
  const TextSource& source = *std::get<2>(group.how);
  auto text = preprocess::TextInput::create(source.tokenizer, source.spec);
  if (!text.ok()) return text.status();
  return std::unique_ptr<const InputMaker>(std::make_unique<TextMaker>(std::move(*text), group));
}

}  // namespace skein::engine

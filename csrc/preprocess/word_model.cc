#include "preprocess/word_model.h"

#include "preprocess/tokenizer_node.h"

namespace skein::preprocess {

Result<Vocabulary> read_vocabulary(const TokenizerNode& model) {
  Result<TokenizerNode> node = model.required("vocab");
  if (!node.ok()) return node.status();
  Vocabulary vocabulary;
  Status status = node->each_member([&](std::string_view token, simdjson::dom::element value) {
    Result<int64_t> id =
        TokenizerNode(value, node->place() + "." + std::string(token)).as_number(0, INT32_MAX);
    if (!id.ok()) return id.status();
    vocabulary[std::string(token)] = static_cast<uint32_t>(id.value());
    return Status();
  });
  if (!status.ok()) return status;
  return vocabulary;
}

}  // namespace skein::preprocess

// The texts of one request as the tensors that a model takes: ids, and where it has inputs for
// them, mask and types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "base/tensor.h"
#include "base/text_spec.h"
#include "preprocess/tokenizer.h"

namespace skein::preprocess {

// Token ids of rows, one after another. Reused, it allocates nothing in the long run.
struct TextRows {
  std::vector<uint32_t> ids;
  std::vector<size_t> ends;  // of each row, in ids
  size_t longest = 0;        // row, in ids

  void clear();
};

// [rows, length] each, row-major; empty references: not asked for.
struct TextTensors {
  int64_t rows = 0;
  int64_t length = 0;
  Ref<Buffer> ids;
  Ref<Buffer> mask;   // 1 for tokens, 0 for padding
  Ref<Buffer> types;  // token types as the tokenizer file's post-processor has them
};

// Immutable, shared by threads.
class TextInput {
 public:
  // `json`: a Hugging Face tokenizer.json.
  static Result<std::shared_ptr<const TextInput>> create(std::string_view json,
                                                         const TextSpec& spec);

  // One row for each element of `texts`, which is of kBytes and well-formed. INVALID_ARGUMENT
  // naming the text that is not UTF-8, or too long. Throws std::bad_alloc.
  Result<TextTensors> encode(const TensorView& texts) const;

  // The same in steps. Appends the row of `text`.
  Status add(std::string_view text, TextRows& rows) const;
  // Of rows whose longest has so many tokens: fixed_length, or at least 1.
  size_t length(size_t longest) const;
  // Each writes rows x length elements; the datatype is the specification's.
  void write_ids(const TextRows& rows, size_t length, std::byte* to) const;
  void write_mask(const TextRows& rows, size_t length, std::byte* to) const;
  void write_types(const TextRows& rows, size_t length, std::byte* to) const;

  const TextSpec& spec() const { return spec_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  TextInput(std::shared_ptr<const Tokenizer> tokenizer, const TextSpec& spec)
      : tokenizer_(std::move(tokenizer)), spec_(spec) {}

  std::shared_ptr<const Tokenizer> tokenizer_;
  TextSpec spec_;
};

}  // namespace skein::preprocess

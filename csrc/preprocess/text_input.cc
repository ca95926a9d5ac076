#include "preprocess/text_input.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "preprocess/working_memory.h"

namespace skein::preprocess {
namespace {

constexpr size_t kLargestTensor = 64 << 20;  // bytes, of the ids of one request

bool is_whole_number(DType dtype) { return dtype == DType::kInt64 || dtype == DType::kInt32; }

Status check_dtype(std::string_view what, std::optional<DType> dtype) {
  if (!dtype || is_whole_number(*dtype)) return {};
  return invalid_argument("text: the input of " + std::string(what) + " has datatype " +
                          std::string(name(*dtype)) + "; INT64 or INT32 is needed");
}

// Calls write(row, begin, end) for each row, its ids at [begin, end).
template <class Write>
void each_row(const TextRows& rows, Write write) {
  size_t begin = 0;
  for (size_t row = 0; row < rows.ends.size(); ++row) {
    write(row, begin, rows.ends[row]);
    begin = rows.ends[row];
  }
}

template <class T>
void put_ids(const TextRows& rows, size_t length, uint32_t pad, T* to) {
  each_row(rows, [&](size_t row, size_t begin, size_t end) {
    T* first = to + row * length;
    T* last = std::transform(rows.ids.data() + begin, rows.ids.data() + end, first,
                             [](uint32_t id) { return static_cast<T>(id); });
    std::fill(last, first + length, static_cast<T>(pad));
  });
}

template <class T>
void put_mask(const TextRows& rows, size_t length, T* to) {
  each_row(rows, [&](size_t row, size_t begin, size_t end) {
    T* first = to + row * length;
    std::fill(first, first + (end - begin), T{1});
    std::fill(first + (end - begin), first + length, T{0});
  });
}

template <class T>
void put_types(const TextRows& rows, size_t length, const TokenFrame& frame, uint32_t pad, T* to) {
  each_row(rows, [&](size_t row, size_t begin, size_t end) {
    T* at = to + row * length;
    T* row_end = at + length;
    for (FrameToken token : frame.before) *at++ = static_cast<T>(token.type);
    at = std::fill_n(at, end - begin - frame.size(), static_cast<T>(frame.type));
    for (FrameToken token : frame.after) *at++ = static_cast<T>(token.type);
    std::fill(at, row_end, static_cast<T>(pad));
  });
}

// Calls put with a pointer to elements of `dtype`.
template <class Put>
void with_type(DType dtype, std::byte* to, Put put) {
  if (dtype == DType::kInt32) {
    put(reinterpret_cast<int32_t*>(to));
  } else {
    put(reinterpret_cast<int64_t*>(to));
  }
}

}  // namespace

void TextRows::clear() {
  ids.clear();
  ends.clear();
  longest = 0;
}

Result<std::shared_ptr<const TextInput>> TextInput::create(std::string_view json,
                                                           const TextSpec& spec) {
  if (Status status = check_dtype("token ids", spec.ids); !status.ok()) return status;
  if (Status status = check_dtype("the mask", spec.mask); !status.ok()) return status;
  if (Status status = check_dtype("token types", spec.types); !status.ok()) return status;
  Result<std::shared_ptr<const Tokenizer>> tokenizer = Tokenizer::create(json, spec);
  if (!tokenizer.ok()) return tokenizer.status();
  return std::shared_ptr<const TextInput>(new TextInput(std::move(tokenizer).value(), spec));
}

Status TextInput::add(std::string_view text, TextRows& rows) const {
  size_t before = rows.ids.size();
  if (Status status = tokenizer_->encode(text, rows.ids); !status.ok()) return status;
  rows.ends.push_back(rows.ids.size());
  rows.longest = std::max(rows.longest, rows.ids.size() - before);
  return {};
}

size_t TextInput::length(size_t longest) const {
  if (spec_.fixed_length > 0) return static_cast<size_t>(spec_.fixed_length);
  return std::max<size_t>(longest, 1);
}

void TextInput::write_ids(const TextRows& rows, size_t length, std::byte* to) const {
  with_type(spec_.ids, to, [&](auto* at) { put_ids(rows, length, tokenizer_->pad_id(), at); });
}

void TextInput::write_mask(const TextRows& rows, size_t length, std::byte* to) const {
  with_type(spec_.mask.value_or(DType::kInt64), to, [&](auto* at) { put_mask(rows, length, at); });
}

void TextInput::write_types(const TextRows& rows, size_t length, std::byte* to) const {
  with_type(spec_.types.value_or(DType::kInt64), to, [&](auto* at) {
    put_types(rows, length, tokenizer_->frame(), tokenizer_->pad_type(), at);
  });
}

Result<TextTensors> TextInput::encode(const TensorView& texts) const {
  thread_local TextRows rows;
  rows.clear();
  for (size_t at = 0; at < texts.size;) {
    uint32_t size;
    std::memcpy(&size, texts.data + at, sizeof size);
    at += sizeof size;
    Status status = add({reinterpret_cast<const char*>(texts.data + at), size}, rows);
    if (!status.ok()) {
      return Status(status.code(),
                    "text " + std::to_string(rows.ends.size()) + ": " + status.message());
    }
    at += size;
  }
  TextTensors made{.rows = static_cast<int64_t>(rows.ends.size()),
                   .length = static_cast<int64_t>(length(rows.longest))};
  size_t width = length(rows.longest);
  size_t elements = rows.ends.size() * width;
  if (elements > kLargestTensor / element_size(spec_.ids)) {
    return invalid_argument(std::to_string(rows.ends.size()) + " texts of up to " +
                            std::to_string(width) + " tokens are over " +
                            std::to_string(kLargestTensor) + " bytes; send fewer in one request");
  }
  made.ids = Buffer::allocate(elements * element_size(spec_.ids));
  write_ids(rows, width, made.ids->data());
  if (spec_.mask) {
    made.mask = Buffer::allocate(elements * element_size(*spec_.mask));
    write_mask(rows, width, made.mask->data());
  }
  if (spec_.types) {
    made.types = Buffer::allocate(elements * element_size(*spec_.types));
    write_types(rows, width, made.types->data());
  }
  let_go(rows.ids);
  let_go(rows.ends);
  return made;
}

}  // namespace skein::preprocess

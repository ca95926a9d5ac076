// libFuzzer target: texts, and tokenizer files with something in them replaced. The first byte
// picks: below 128 a text for one of the fixture's tokenizers, else what follows up to a NUL takes
// a piece of a file's place, and the rest is a text for it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "preprocess/tokenizer.h"
#include "preprocess/tokenizer_fixture.h"

namespace skein::preprocess {
namespace {

#define CHECK(condition)            \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)

constexpr size_t kMaxLength = 16;

void encode(const Tokenizer& tokenizer, std::string_view text) {
  static std::vector<uint32_t> ids;
  ids.clear();
  Status status = tokenizer.encode(text, ids);
  CHECK(status.ok() == (utf8_valid_size(text) == text.size()));
  CHECK(status.ok() || (status.code() == Code::kInvalidArgument && ids.empty()));
  CHECK(ids.size() <= kMaxLength);
  CHECK(!status.ok() || ids.size() >= tokenizer.frame().size());
  std::vector<uint32_t> again;
  CHECK(tokenizer.encode(text, again).ok() == status.ok());
  CHECK(again == ids);  // with the words cached
}

Result<std::shared_ptr<const Tokenizer>> create(const std::string& file, bool left) {
  auto truncation = left ? TextTruncation::kLeft : TextTruncation::kRight;
  return Tokenizer::create(file, {.max_length = kMaxLength, .truncation = truncation});
}

void run(uint8_t choice, std::string_view data) {
  const std::string& file = choice % 2 == 0 ? testing::kWordPieceFile : testing::kBytePairFile;
  if (choice < 128) {
    static const auto word_piece = create(testing::kWordPieceFile, false);
    static const auto byte_pair = create(testing::kBytePairFile, true);
    return encode(choice % 2 == 0 ? **word_piece : **byte_pair, data);
  }
  size_t end = std::min(data.find('\0'), data.size());
  std::string changed = file;
  if (end >= 2) {
    size_t at = static_cast<uint8_t>(data[0]) * 8u % file.size();
    size_t size = static_cast<uint8_t>(data[1]) % 64u;
    changed.replace(at, size, data.substr(2, end - 2));
  }
  auto tokenizer = create(changed, choice % 4 < 2);
  if (!tokenizer.ok()) {
    CHECK(!tokenizer.status().message().empty());
    return;
  }
  encode(**tokenizer, data.substr(end));
}

}  // namespace
}  // namespace skein::preprocess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // A copy of its own, so that the sanitizer sees a read past either end.
  std::vector<char> text(data + 1, data + size);
  skein::preprocess::run(data[0], {text.data(), text.size()});
  return 0;
}

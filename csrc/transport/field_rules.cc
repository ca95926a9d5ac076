#include "transport/field_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/byte_words.h"

namespace skein::transport {
namespace {

template <size_t size>
bool is(std::string_view text, const char (&known)[size]) {
  return text.size() == size - 1 && std::memcmp(text.data(), known, size - 1) == 0;
}

// No byte below `least`, and no DEL.
bool is_printable(std::string_view text, uint8_t least) {
  return none_of_bytes(
      text, [least](ByteWord word) { return any_below(word, least) | any_equal(word, 0x7f); });
}

bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

bool is_value(std::string_view text) {
  if (text.empty()) return true;
  if (is_blank(text.front()) || is_blank(text.back())) return false;
  if (is_printable(text, 0x20)) return true;
  return std::all_of(text.begin(), text.end(), [](char letter) {
    auto byte = static_cast<uint8_t>(letter);
    return (byte >= 0x20 && byte != 0x7f) || letter == '\t';
  });
}

constexpr std::array<bool, 256> make_name_letters() {
  std::array<bool, 256> letters{};
  for (char letter : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    letters[static_cast<uint8_t>(letter)] = true;
  }
  return letters;
}
constexpr std::array<bool, 256> kNameLetters = make_name_letters();

bool is_name(std::string_view text) {
  auto fits = [](char letter) { return kNameLetters[static_cast<uint8_t>(letter)]; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool is_trailers(std::string_view value) {
  return value.size() == 8 &&
         std::equal(value.begin(), value.end(), "trailers",
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

KnownField known_field(std::string_view name) {
  switch (name.size()) {
    case 2:
      return is(name, "te") ? KnownField::kTe : KnownField::kOther;
    case 4:
      return is(name, "host") ? KnownField::kHost : KnownField::kOther;
    case 5:
      return is(name, ":path") ? KnownField::kPath : KnownField::kOther;
    case 7:
      if (is(name, ":method")) return KnownField::kMethod;
      if (is(name, ":scheme")) return KnownField::kScheme;
      return is(name, "upgrade") ? KnownField::kConnectionSpecific : KnownField::kOther;
    case 10:
      if (is(name, ":authority")) return KnownField::kAuthority;
      return is(name, "connection") || is(name, "keep-alive") ? KnownField::kConnectionSpecific
                                                              : KnownField::kOther;
    case 12:
      if (is(name, "content-type")) return KnownField::kContentType;
      return is(name, "grpc-timeout") ? KnownField::kGrpcTimeout : KnownField::kOther;
    case 13:
      return is(name, "grpc-encoding") ? KnownField::kGrpcEncoding : KnownField::kOther;
    case 14:
      return is(name, "content-length") ? KnownField::kContentLength : KnownField::kOther;
    case 16:
      return is(name, "proxy-connection") ? KnownField::kConnectionSpecific : KnownField::kOther;
    case 17:
      return is(name, "transfer-encoding") ? KnownField::kConnectionSpecific : KnownField::kOther;
    default:
      return KnownField::kOther;
  }
}

bool FieldRules::mark(KnownField field) {
  if (has(field)) return false;
  seen_ = static_cast<uint16_t>(seen_ | 1u << static_cast<int>(field));
  return true;
}

bool FieldRules::allows(KnownField field, std::string_view name, std::string_view value) {
  if (field <= KnownField::kScheme) return allows_pseudo(field, value);
  pseudo_over_ = true;
  if (!is_value(value)) return false;
  switch (field) {
    case KnownField::kHost:
      return !value.empty() && mark(field);
    case KnownField::kContentLength:
      return take_length(value);
    case KnownField::kConnectionSpecific:
      return false;
    case KnownField::kTe:
      return is_trailers(value);
    case KnownField::kOther:
      return is_name(name);
    default:
      return true;
  }
}

bool FieldRules::allows_again(KnownField field) {
  if (field <= KnownField::kScheme) return !pseudo_over_ && mark(field);
  pseudo_over_ = true;
  return field != KnownField::kHost || mark(field);
}

bool FieldRules::allows_pseudo(KnownField field, std::string_view value) {
  if (pseudo_over_ || value.empty() || !mark(field) || !is_printable(value, 0x21)) return false;
  if (field == KnownField::kMethod) connect_ = is(value, "CONNECT");
  return field != KnownField::kPath || value.front() == '/' || is(value, "*");
}

bool FieldRules::take_length(std::string_view value) {
  if (content_length_) return false;
  uint64_t length = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  content_length_ = length;
  return error == std::errc() && end == value.data() + value.size();
}

bool FieldRules::allows_trailer(std::string_view name) { return is_name(name); }

bool FieldRules::complete() const {
  bool named = has(KnownField::kAuthority) || has(KnownField::kHost);
  if (connect_) return has(KnownField::kAuthority);
  return named && has(KnownField::kMethod) && has(KnownField::kPath) && has(KnownField::kScheme);
}

}  // namespace skein::transport

#include "transport/call_head.h"

#include <utility>

#include "base/quote.h"
#include "transport/grpc_codec.h"

namespace skein::transport {
namespace {

constexpr size_t kFieldOverhead = 32;

bool is_grpc(std::string_view content_type) {
  constexpr std::string_view kGrpc = "application/grpc";
  if (!content_type.starts_with(kGrpc)) return false;
  std::string_view rest = content_type.substr(kGrpc.size());
  return rest.empty() || rest.front() == ';' || rest == "+proto" || rest.starts_with("+proto;");
}

}  // namespace

void CallHead::clear() {
  rules_ = {};
  malformed_ = false;
  path_.clear();
  arena_.clear();
  fields_.clear();
  list_size_ = 0;
  timeout_.reset();
  has_content_type_ = false;
  for (std::string* wrong : {&wrong_method_, &wrong_content_type_, &wrong_timeout_,
                             &wrong_encoding_, &wrong_metadata_}) {
    wrong->clear();
  }
}

bool CallHead::count(std::string_view name, std::string_view value) {
  list_size_ += name.size() + value.size() + kFieldOverhead;
  return list_size_ <= max_list_size_;
}

std::optional<KnownField> CallHead::add(std::string_view name, std::string_view value) {
  if (!count(name, value)) return std::nullopt;
  KnownField field = known_field(name);
  if (!rules_.allows(field, name, value)) {
    malformed_ = true;
    return std::nullopt;
  }
  return keep(field, name, value) ? std::optional(field) : std::nullopt;
}

void CallHead::add_again(KnownField field, std::string_view name, std::string_view value) {
  if (!count(name, value)) return;
  if (!rules_.allows_again(field)) malformed_ = true;
  if (field == KnownField::kOther) add_metadata(name, value);
  if (field == KnownField::kContentType) has_content_type_ = true;
}

bool CallHead::keep(KnownField field, std::string_view name, std::string_view value) {
  switch (field) {
    case KnownField::kPath:
      path_ = value;
      return false;
    case KnownField::kMethod:
      if (value != "POST") wrong_method_ = value;
      return wrong_method_.empty();
    case KnownField::kContentType:
      has_content_type_ = true;
      if (!is_grpc(value)) wrong_content_type_ = quote(value);
      return wrong_content_type_.empty();
    case KnownField::kGrpcTimeout:
      timeout_ = parse_timeout(value);
      if (!timeout_) wrong_timeout_ = quote(value);
      return false;
    case KnownField::kGrpcEncoding:
      if (value != "identity") wrong_encoding_ = quote(value);
      return wrong_encoding_.empty();
    case KnownField::kContentLength:
      return false;
    case KnownField::kOther:
      return add_metadata(name, value);
    default:
      return true;
  }
}

bool CallHead::malformed() const {
  return list_size_ <= max_list_size_ && (malformed_ || !rules_.complete());
}

bool CallHead::add_metadata(std::string_view name, std::string_view value) {
  std::optional<std::string> decoded;
  if (name.ends_with("-bin")) {
    decoded = base64_decode(value.substr(0, value.find(',')));
    if (!decoded) {
      wrong_metadata_ = quote(name);
      return false;
    }
    value = *decoded;
  }
  auto offset = static_cast<uint32_t>(arena_.size());
  auto name_size = static_cast<uint32_t>(name.size());
  fields_.push_back({offset, name_size, offset + name_size, static_cast<uint32_t>(value.size())});
  arena_.append(name).append(value);
  return true;
}

std::optional<std::string_view> CallHead::metadata(std::string_view key) const {
  for (const Field& field : fields_) {
    if (text(field.name_offset, field.name_size) == key) {
      return text(field.value_offset, field.value_size);
    }
  }
  return std::nullopt;
}

std::optional<Refusal> CallHead::refusal() const {
  if (list_size_ > max_list_size_) {
    return Refusal{resource_exhausted("request headers take " + std::to_string(list_size_) +
                                      " bytes; the limit is " + std::to_string(max_list_size_) +
                                      "; send less metadata"),
                   431};
  }
  if (!wrong_method_.empty()) {
    return Refusal{invalid_argument("HTTP method is " + quote(wrong_method_) + "; gRPC uses POST"),
                   405};
  }
  if (!has_content_type_ || !wrong_content_type_.empty()) {
    std::string came = has_content_type_ ? wrong_content_type_ : "none";
    return Refusal{invalid_argument("content-type is " + came + "; expected application/grpc"),
                   415};
  }
  if (!wrong_timeout_.empty()) {
    return Refusal{invalid_argument("grpc-timeout is " + wrong_timeout_ +
                                    "; expected 1 to 8 digits and a unit of H M S m u n")};
  }
  if (!wrong_metadata_.empty()) {
    return Refusal{invalid_argument("metadata " + wrong_metadata_ + " is not valid base64, as " +
                                    "keys that end in -bin require")};
  }
  if (!wrong_encoding_.empty()) {
    return Refusal{unimplemented("grpc-encoding " + wrong_encoding_ +
                                 " is not supported; send messages as identity (uncompressed)"),
                   200, true};
  }
  return std::nullopt;
}

}  // namespace skein::transport

// Errors as values. Codes are our own; each edge (gRPC, HTTP, Python) maps them in one file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"

namespace skein {

enum class Code : unsigned char {
  kOk,
  kCancelled,
  kInvalidArgument,
  kDeadlineExceeded,
  kNotFound,
  kAlreadyExists,
  kResourceExhausted,
  kFailedPrecondition,
  kUnimplemented,
  kInternal,
  kUnavailable,
};
inline constexpr int kCodeCount = static_cast<int>(Code::kUnavailable) + 1;

// The stable upper-case name, e.g. "INVALID_ARGUMENT".
std::string_view name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  // When the same request may succeed; 0: nobody knows.
  Duration retry_after() const { return retry_after_; }
  void set_retry_after(Duration after) { retry_after_ = after; }

 private:
  Code code_ = Code::kOk;
  Duration retry_after_{0};
  std::string message_;
};

inline Status invalid_argument(std::string message) {
  return {Code::kInvalidArgument, std::move(message)};
}
inline Status not_found(std::string message) { return {Code::kNotFound, std::move(message)}; }
inline Status unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
inline Status internal(std::string message) { return {Code::kInternal, std::move(message)}; }
inline Status unimplemented(std::string message) {
  return {Code::kUnimplemented, std::move(message)};
}
inline Status resource_exhausted(std::string message) {
  return {Code::kResourceExhausted, std::move(message)};
}
inline Status failed_precondition(std::string message) {
  return {Code::kFailedPrecondition, std::move(message)};
}

// A T, or the status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}         // NOLINT: implicit by design
  Result(Status status) : held_(std::move(status)) {}  // NOLINT: implicit by design

  bool ok() const { return std::holds_alternative<T>(held_); }
  // Valid only when !ok().
  const Status& status() const { return std::get<Status>(held_); }
  T& value() & { return std::get<T>(held_); }
  const T& value() const& { return std::get<T>(held_); }
  T&& value() && { return std::get<T>(std::move(held_)); }
  T* operator->() { return &std::get<T>(held_); }
  const T* operator->() const { return &std::get<T>(held_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  std::variant<Status, T> held_;
};

}  // namespace skein

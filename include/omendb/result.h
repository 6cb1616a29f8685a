// How OmenDB says that something went wrong: a value, never an exception.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace omendb {

enum class ErrorCode : std::uint8_t {
  InvalidArgument,  // the request itself is wrong; nothing was changed
  NotFound,         // no such collection, point or file
  AlreadyExists,    // the name is taken
  TooLarge,         // over a fixed limit; the message says how much fits
  OutOfBudget,      // over the memory budget; the message says how many rows fit
  DiskFull,         // the disk has no room; nothing was changed, and it works again once there is room
  IoError,          // the disk refused; the message names the call and the file
  Corruption,       // bytes at rest are not what was written; the message names the file and the place
  DataLoss,         // acknowledged operations are damaged in the log; the collection opens read-only
  ReadOnly,         // the collection takes no writes any more; the message says since when and why
  Locked,           // another process holds the database; the message says which
  Unsupported,      // a newer format, or something this build cannot do
  Cancelled,        // given up on request
  TimedOut,         // not finished within the time allowed
};

// The code's name as it appears in messages: "InvalidArgument".
std::string_view name_of(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;  // what was found, in the user's words; no trailing full stop
};

// Either a value or an Error. Look before you take: `value()` on an error ends the process.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return ok() ? *std::get_if<0>(&state_) : (std::abort(), *std::get_if<0>(&state_)); }
  const T& value() const& { return ok() ? *std::get_if<0>(&state_) : (std::abort(), *std::get_if<0>(&state_)); }
  T value() && { return std::move(value()); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() { return ok() ? (std::abort(), *std::get_if<1>(&state_)) : *std::get_if<1>(&state_); }
  const Error& error() const { return ok() ? (std::abort(), *std::get_if<1>(&state_)) : *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (!ok()) std::abort();
  }

  Error& error() { return ok() ? (std::abort(), *error_) : *error_; }
  const Error& error() const { return ok() ? (std::abort(), *error_) : *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace omendb

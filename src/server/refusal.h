// What a request is refused with: a status of HTTP and a text. Outcome is to Refusal what Result is to Error; OMEN_TRY
// takes both, and an Error of the engine becomes the Refusal that Qdrant's clients know.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/try.h"
#include "omendb/result.h"

namespace omendb {

struct Refusal {
  int status = 400;
  std::string text;

  Refusal(int its_status, std::string its_text) : status(its_status), text(std::move(its_text)) {}
  Refusal(const Error& error);
};

Refusal bad_request(std::string_view what);   // 400 "Bad request: ..."
Refusal wrong_input(std::string_view what);   // 400 "Wrong input: ..."
Refusal wrong_format(std::string_view what);  // 400 "Format error in JSON body: ..."
Refusal not_found(std::string_view what);     // 404 "Not found: ..."
// 422 "Validation error in JSON body: [path: value N invalid, must be ...]"
Refusal invalid_value(std::string_view path, std::string_view value, std::string_view must_be);

template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(Refusal refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}
  Outcome(const Error& error) : Outcome(Refusal(error)) {}
  Outcome(Result<T> result) : Outcome(result.ok() ? Outcome(std::move(result).value()) : Outcome(result.error())) {}

  bool ok() const { return state_.index() == 0; }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Refusal& error() { return std::get<1>(state_); }
  const Refusal& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Refusal> state_;
};

template <>
class [[nodiscard]] Outcome<void> : public Outcome<std::monostate> {
 public:
  using Outcome<std::monostate>::Outcome;
  Outcome() : Outcome<std::monostate>(std::monostate{}) {}
  Outcome(const Result<void>& result) : Outcome() {
    if (!result.ok()) *this = Outcome(result.error());
  }
};

template <class T>
T take_value(Outcome<T>&& outcome) {
  return std::move(outcome.value());
}
inline void take_value(Outcome<void>&&) {}

}  // namespace omendb

// OMEN_TRY(result): the value, or return the error to our caller. An expression, so it reads straight down:
//   const Header header = OMEN_TRY(decode_header(bytes));
#pragma once

#include <type_traits>
#include <utility>

#include "omendb/result.h"

namespace omendb {

template <class T>
T take_value(Result<T>&& result) {
  return std::move(result).value();
}
inline void take_value(Result<void>&&) {}

}  // namespace omendb

// A statement expression: an extension that both our compilers accept.
#define OMEN_TRY(expression)                                          \
  __extension__({                                                     \
    auto omen_try_result = (expression);                              \
    if (!omen_try_result.ok()) return std::move(omen_try_result.error()); \
    ::omendb::take_value(std::move(omen_try_result));                 \
  })

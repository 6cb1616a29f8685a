// The argument of --filter.
#pragma once

#include <string>

#include "omendb/filter.h"

namespace omendb {

// JSON; the empty text is the empty filter.
inline Result<Filter> filter_of(const std::string& argument) {
  if (argument.empty()) return Filter{};
  return parse_filter(argument);
}

}  // namespace omendb

// The target of a request line, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "omendb/result.h"
#include "server/http/request.h"

namespace omendb {

struct HttpTarget {
  std::vector<std::string> path;
  std::vector<HttpField> query;
};

// Of "/path?query", "http://host/path?query" (as proxies are asked), or "*". Segments of "." and ".." are refused: they
// would mean something else to whoever sits in front of us. So is NUL, which ends names in C.
Result<HttpTarget> parse_target(std::string_view target);

}  // namespace omendb

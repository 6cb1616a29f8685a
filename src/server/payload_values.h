// The values in a payload that a path leads to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "server/json.h"

namespace omendb {

// The steps of `a.b[].c` or `"a key".b`: keys, and "[]" for the elements of an array; 400 for what is no path. A place in
// brackets is a step that no element has.
Outcome<std::vector<std::string>> path_steps(std::string_view path);

// In their order; the elements of an array at the path's end one by one. Nothing if the payload is empty.
void visit_values(std::string_view payload, const std::vector<std::string>& path, FunctionRef<void(const Json&)> visit);

}  // namespace omendb

// The values of a payload that points are counted by.
#pragma once

#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "payload/json_path.h"

namespace omendb {

// Strings, whole numbers and booleans at the path, each element of an array for itself, each value once. Empty as well
// for a text that is no JSON.
std::vector<FacetValue> facet_values(std::string_view payload, const JsonPath& path);

}  // namespace omendb

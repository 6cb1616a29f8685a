// The values of a payload that points are ordered by.
#pragma once

#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "payload/json_path.h"

namespace omendb {

// Whole numbers, floats, and texts that are dates and times (in microseconds since 1970) at the path, each element of an
// array for itself. Empty as well for a text that is no JSON.
std::vector<OrderValue> order_values(std::string_view payload, const JsonPath& path);

// By what they are worth: 2 is less than 2.5.
bool order_value_less(const OrderValue& a, const OrderValue& b);

}  // namespace omendb

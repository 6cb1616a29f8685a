// The values of a payload that points are ordered by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "omendb/field_index.h"
#include "omendb/types.h"
#include "payload/json_path.h"

namespace omendb {

// Whole numbers, floats, and texts that are dates and times (in microseconds since 1970) at the path, each element of an
// array for itself. Empty as well for a text that is no JSON.
std::vector<OrderValue> order_values(std::string_view payload, const JsonPath& path);

// By what they are worth: 2 is less than 2.5.
bool order_value_less(const OrderValue& a, const OrderValue& b);

// Whether an index of this type has these values, but for those of other types.
bool serves_order(FieldType type);

// The value of a key of such an index, and the key of a value that it would have; empty: it would have none. Keys of a
// float index are doubles: whole numbers beyond 2^53 share one with their neighbours.
OrderValue order_value_of_key(FieldType type, std::string_view key);
std::string key_of_order_value(FieldType type, const OrderValue& value);

}  // namespace omendb

// Values as byte strings that sort as the values do, so that one kind of sorted list serves every type of index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "omendb/filter.h"

namespace omendb {

std::string key_of(std::int64_t value);  // also booleans
std::string key_of(Timestamp time);      // as its microseconds
std::string key_of(double value);        // -0 is 0
std::string key_of(GeoPoint point);      // from south to north, then from west to east

std::int64_t integer_of_key(std::string_view key);
double number_of_key(std::string_view key);
GeoPoint place_of_key(std::string_view key);

}  // namespace omendb

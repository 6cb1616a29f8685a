// How many points a field index knows a value of.
#pragma once

#include <cstdint>

#include "omendb/collection.h"

namespace omendb {

// Of small collections exactly; of larger ones the rows that the index covers.
std::uint64_t count_points_with(const Collection& collection, const FieldIndexInfo& field);

}  // namespace omendb

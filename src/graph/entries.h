// Where walks begin: live rows spread evenly over the arrival order, so that wherever a query lies one is on its side.
#pragma once

#include <cstdint>
#include <vector>

#include "base/row.h"
#include "search/row_filter.h"

namespace omendb {

// Of rows [0, covered); at least one if covered > 0, erased ones only where no other is.
std::vector<Row> choose_entries(std::uint32_t covered, const RowFilter& live);

}  // namespace omendb

// How many points have a value that a field index knows.
#pragma once

#include <cstdint>

#include "db/view.h"

namespace omendb {

// Of the points that the View shows. Exact if the index is behind by no more than the keeper lets it be; rows that it has
// still to read are left out while there are more. Looks at every row once: some milliseconds a million.
std::uint64_t count_indexed_points(const View& view, const FieldIndex& field);

}  // namespace omendb

// Points in the order of a field: by its index where there is one, else by payloads; the answer is the same.
#pragma once

#include <cstdint>
#include <vector>

#include "db/id_order.h"
#include "db/point_filter.h"
#include "db/view.h"
#include "omendb/types.h"

namespace omendb {

struct OrderedPlace {
  OrderValue value;
  Place place;
};

// The first `limit` that live and match, each value of a point for itself; those of equal values by id. A null filter:
// every point matches.
//   InvalidArgument  the key is no path
//   Corruption       a point could not be read
Result<std::vector<OrderedPlace>> first_by_value(const View& view, PointFilter* filter, const OrderBy& order,
                                                 std::uint32_t limit);

}  // namespace omendb

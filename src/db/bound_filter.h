// BoundFilter: a filter compiled, and its conditions looked up in the field indexes of one View. Shared by the queries of a
// batch.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "db/point_filter.h"
#include "db/view.h"
#include "omendb/filter.h"
#include "payload/indexed_filter.h"

namespace omendb {

// Whose payloads were changed by the change of this number or a later one; ascending, each once.
std::vector<Row> rows_changed_since(const View& view, std::uint64_t first);

class BoundFilter {
 public:
  // The View outlives it. InvalidArgument  the filter means nothing (omendb/filter.h)
  static Result<BoundFilter> bind(const Filter& filter, const View& view);

  // Null for the empty filter, which every point matches.
  const IndexedFilter* get() const { return bound_ ? &bound_->indexed : nullptr; }

  // For one query. Null for the empty filter.
  std::unique_ptr<PointFilter> of(const View& view) const;

 private:
  struct Bound {
    Bound(FilterCheck check_, const View& view);
    FilterCheck check;
    IndexedFilter indexed;  // points to `check`
  };
  std::unique_ptr<const Bound> bound_;
};

}  // namespace omendb

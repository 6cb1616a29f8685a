#include "db/bound_filter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/try.h"

namespace omendb {
namespace {

// Rows whose payloads were changed since one of the indexes read them.
std::vector<Row> changed_rows(const View& view) {
  std::uint64_t first = view.generation->payload_changes();
  for (const FieldIndex& index : *view.field_indexes) first = std::min(first, index.changes_seen());
  return rows_changed_since(view, first);
}

}  // namespace

std::vector<Row> rows_changed_since(const View& view, std::uint64_t first) {
  std::vector<Row> rows;
  const std::uint64_t changes = view.generation->payload_changes();
  for (std::uint64_t change = first; change < changes; ++change) {
    const Row row = view.generation->changed_row(change);
    if (index(row) < view.visible) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

BoundFilter::Bound::Bound(FilterCheck check_, const View& view)
    : check(std::move(check_)), indexed(check, *view.field_indexes, view.visible, changed_rows(view)) {}

Result<BoundFilter> BoundFilter::bind(const Filter& filter, const View& view) {
  BoundFilter bound;
  if (filter.empty()) return bound;
  bound.bound_ = std::make_unique<const Bound>(OMEN_TRY(FilterCheck::compile(filter)), view);
  return bound;
}

std::unique_ptr<PointFilter> BoundFilter::of(const View& view) const {
  return bound_ ? std::make_unique<PointFilter>(view, bound_->indexed) : nullptr;
}

}  // namespace omendb

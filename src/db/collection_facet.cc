// Points without a query vector: their values and how many have them, samples.
#include <algorithm>
#include <random>
#include <utility>

#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "payload/facet_counts.h"

namespace omendb {
namespace {

// Of no rows if there is none that serves.
FieldIndex index_for_facets(const View& view, std::string_view key, const JsonPath& path) {
  for (const FieldIndex& field : *view.field_indexes) {
    if (field.path() == path && FacetCounts::serves(field.type())) return field;
  }
  return FieldIndex::create(key, FieldType::Keyword).value();
}

// In the time in which a payload is read, so many values of an index are looked at.
constexpr std::uint64_t kValuesAPayload = 16;

std::uint64_t values_of(const FieldIndex& field) {
  std::uint64_t values = 0;
  for (const auto& part : field.parts()) values += part->size();
  return values;
}

// All live rows: from how many the index has of each value, less those that do not count.
void count_known_rows(const View& view, const FieldIndex& field, const RowSet& unknown, FacetCounts& counts) {
  counts.add_all();
  const RowFilter live = view.live_rows();
  const bool all_live = view.live == view.visible;
  if (all_live) {
    unknown.for_each([&](Row row) {
      if (index(row) < field.covered()) counts.subtract(row);
    });
  }
  for (std::uint32_t i = all_live ? view.visible : 0; i < field.covered(); ++i) {
    const bool counts_here = i < view.visible && live.contains(Row{i}) && !unknown.contains(Row{i});
    if (!counts_here) counts.subtract(Row{i});
  }
}

}  // namespace

Result<std::vector<FacetHit>> CollectionImpl::facet(std::string_view key, const Filter& filter,
                                                    std::uint32_t limit) const {
  const JsonPath path = OMEN_TRY(JsonPath::parse(key));
  const std::shared_ptr<const View> view = views_.current();
  FieldIndex field = index_for_facets(*view, key, path);
  const bool all_count = filter.empty() && field.covered() != 0;
  std::vector<Row> rows;  // one by one
  if (!all_count) rows = OMEN_TRY(matching_rows(*view, filter));
  if (!all_count && rows.size() < values_of(field) / kValuesAPayload) field = field.without_parts();

  FacetCounts counts(field);
  const RowSet unknown = field.covered() == 0
                             ? RowSet(0)
                             : field.unknown_rows(view->visible, rows_changed_since(*view, field.changes_seen()));
  if (all_count) {
    count_known_rows(*view, field, unknown, counts);
    const RowFilter live = view->live_rows();
    unknown.for_each([&](Row row) {
      if (live.contains(row)) rows.push_back(row);
    });
  }
  for (const Row row : rows) {
    if (index(row) < field.covered() && !unknown.contains(row)) {
      counts.add(row);
    } else {
      counts.add(OMEN_TRY(view->generation->payload(row)), path);
    }
  }
  return counts.most(limit);
}

Result<std::vector<PointId>> CollectionImpl::sample(std::uint32_t count, const Filter& filter) const {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const std::shared_ptr<const View> view = views_.current();
  const std::vector<Row> rows = OMEN_TRY(matching_rows(*view, filter));
  std::vector<Row> chosen;
  std::sample(rows.begin(), rows.end(), std::back_inserter(chosen), count, random);
  std::vector<PointId> ids;
  for (const Row row : chosen) ids.push_back(OMEN_TRY(view->generation->id(row)));
  return ids;
}

}  // namespace omendb

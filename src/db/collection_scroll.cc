// Points without a query vector: pages in the order of ids or of a field, values and how many have them, samples.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "base/try.h"
#include "db/collection_impl.h"
#include "payload/facet_values.h"
#include "payload/order_values.h"

namespace omendb {
namespace {

constexpr std::uint32_t kPageMax = 1u << 20;

struct Place {
  PointId id;
  Row row;

  friend bool operator<(const Place& a, const Place& b) { return a.id < b.id; }
};

struct OrderedPlace {
  OrderValue value;
  Place place;
};

// The first `limit` in order, of many.
template <class T, class Before>
void keep_first(std::vector<T>& all, std::size_t limit, Before before) {
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(limit, all.size()));
  std::partial_sort(all.begin(), end, all.end(), before);
  all.erase(end, all.end());
}

}  // namespace

Result<ScrollPage> CollectionImpl::scroll(const ScrollOptions& options) const {
  if (options.limit < 1 || options.limit > kPageMax) {
    return Error{ErrorCode::InvalidArgument, "a page has 1 to " + std::to_string(kPageMax) + " points, not " +
                                                 std::to_string(options.limit)};
  }
  if (options.order_by && options.from) {
    return Error{ErrorCode::InvalidArgument, "points that are ordered by a field have no page that begins at an id"};
  }
  const std::shared_ptr<const View> view = views_.current();
  const std::vector<Row> rows = OMEN_TRY(matching_rows(*view, options.filter));
  return options.order_by ? scroll_by_value(*view, rows, options) : scroll_by_id(*view, rows, options);
}

Result<ScrollPage> CollectionImpl::scroll_by_id(const View& view, std::span<const Row> rows,
                                                const ScrollOptions& options) const {
  std::vector<Place> places;
  for (const Row row : rows) {
    const PointId id = OMEN_TRY(view.generation->id(row));
    if (!options.from || !(id < *options.from)) places.push_back({id, row});
  }
  keep_first(places, std::size_t{options.limit} + 1, std::less<>());
  ScrollPage page;
  if (places.size() > options.limit) {
    page.next = places.back().id;
    places.pop_back();
  }
  for (const Place& place : places) page.points.push_back(OMEN_TRY(point(view, place.row, options.reading)));
  return page;
}

Result<ScrollPage> CollectionImpl::scroll_by_value(const View& view, std::span<const Row> rows,
                                                   const ScrollOptions& options) const {
  const OrderBy& order = *options.order_by;
  const JsonPath path = OMEN_TRY(JsonPath::parse(order.key));
  const auto before = [&](const OrderValue& a, const OrderValue& b) {
    return order.descending ? order_value_less(b, a) : order_value_less(a, b);
  };
  std::vector<OrderedPlace> places;
  for (const Row row : rows) {
    const PointId id = OMEN_TRY(view.generation->id(row));
    for (const OrderValue& value : order_values(OMEN_TRY(view.generation->payload(row)), path)) {
      if (!order.start_from || !before(value, *order.start_from)) places.push_back({value, {id, row}});
    }
  }
  keep_first(places, options.limit, [&](const OrderedPlace& a, const OrderedPlace& b) {
    if (before(a.value, b.value)) return true;
    return !before(b.value, a.value) && a.place < b.place;
  });
  ScrollPage page;
  for (const OrderedPlace& ordered : places) {
    page.points.push_back(OMEN_TRY(point(view, ordered.place.row, options.reading)));
    page.order_values.push_back(ordered.value);
  }
  return page;
}

Result<std::vector<FacetHit>> CollectionImpl::facet(std::string_view key, const Filter& filter,
                                                    std::uint32_t limit) const {
  const JsonPath path = OMEN_TRY(JsonPath::parse(key));
  const std::shared_ptr<const View> view = views_.current();
  std::map<FacetValue, std::uint64_t> counts;
  for (const Row row : OMEN_TRY(matching_rows(*view, filter))) {
    for (FacetValue& value : facet_values(OMEN_TRY(view->generation->payload(row)), path)) ++counts[std::move(value)];
  }
  std::vector<FacetHit> hits;
  for (const auto& [value, count] : counts) hits.push_back({value, count});
  // By value already: stable for equal counts.
  std::stable_sort(hits.begin(), hits.end(), [](const FacetHit& a, const FacetHit& b) { return a.count > b.count; });
  if (hits.size() > limit) hits.resize(limit);
  return hits;
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

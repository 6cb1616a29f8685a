// Points without a query vector: pages in the order of ids or of a field.
#include <optional>
#include <string>
#include <utility>

#include "base/first_in_order.h"
#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "db/id_walk.h"
#include "db/value_order.h"

namespace omendb {
namespace {

constexpr std::uint32_t kPageMax = 1u << 20;

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
  const BoundFilter bound = OMEN_TRY(BoundFilter::bind(options.filter, *view));
  const std::unique_ptr<PointFilter> filter = bound.of(*view);
  return options.order_by ? scroll_by_value(*view, filter.get(), options) : scroll_by_id(*view, filter.get(), options);
}

Result<ScrollPage> CollectionImpl::scroll_by_id(const View& view, PointFilter* filter,
                                                const ScrollOptions& options) const {
  std::optional<std::vector<Place>> places = OMEN_TRY(walk_by_id(view, filter, options));
  if (!places) places = OMEN_TRY(list_by_id(view, filter, options));
  ScrollPage page;
  if (places->size() > options.limit) {
    page.next = places->back().id;
    places->pop_back();
  }
  for (const Place& place : *places) page.points.push_back(OMEN_TRY(point(view, place.row, options.reading)));
  return page;
}

// One more than the page has. nullopt if there is no order to walk in, or listing costs less.
Result<std::optional<std::vector<Place>>> CollectionImpl::walk_by_id(const View& view, PointFilter* filter,
                                                                     const ScrollOptions& options) const {
  const std::size_t wanted = std::size_t{options.limit} + 1;
  const std::uint64_t steps = walk_steps_max(view, filter, wanted);
  const std::shared_ptr<const IdOrder> order = steps == 0 ? nullptr : id_order_.of(view);
  if (!order) return std::optional<std::vector<Place>>();

  IdWalk walk = OMEN_TRY(IdWalk::begin(view, *order, options.from));
  std::vector<Place> places;
  for (std::uint64_t step = 0; places.size() < wanted; ++step) {
    if (step == steps) return std::optional<std::vector<Place>>();
    const std::optional<Place> place = OMEN_TRY(walk.next());
    if (!place) break;
    if (filter == nullptr || filter->matches(place->row)) places.push_back(*place);
  }
  if (filter != nullptr) OMEN_TRY(filter->error());
  return std::optional(std::move(places));
}

// The same, by looking at every point that matches.
Result<std::vector<Place>> CollectionImpl::list_by_id(const View& view, PointFilter* filter,
                                                      const ScrollOptions& options) const {
  FirstInOrder<Place> places(std::size_t{options.limit} + 1);
  for (const Row row : OMEN_TRY(omendb::matching_rows(view, filter))) {
    const PointId id = OMEN_TRY(view.generation->id(row));
    if (!options.from || !(id < *options.from)) places.add({id, row});
  }
  return std::move(places).take();
}

Result<ScrollPage> CollectionImpl::scroll_by_value(const View& view, PointFilter* filter,
                                                   const ScrollOptions& options) const {
  ScrollPage page;
  for (const OrderedPlace& ordered : OMEN_TRY(first_by_value(view, filter, *options.order_by, options.limit))) {
    page.points.push_back(OMEN_TRY(point(view, ordered.place.row, options.reading)));
    page.order_values.push_back(ordered.value);
  }
  return page;
}

}  // namespace omendb

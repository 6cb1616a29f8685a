#include "db/id_walk.h"

#include <algorithm>

#include "base/try.h"

namespace omendb {

Result<IdWalk> IdWalk::begin(const View& view, const IdOrder& order, std::optional<PointId> from) {
  IdWalk walk(view, order);
  if (from) walk.next_in_order_ = OMEN_TRY(order.first_from(*view.generation, *from));
  for (std::uint32_t i = order.covered(); i < view.visible; ++i) {
    if (!walk.counts(Row{i})) continue;
    const PointId id = OMEN_TRY(view.generation->id(Row{i}));
    if (!from || !(id < *from)) walk.tail_.push_back({id, Row{i}});
  }
  std::sort(walk.tail_.begin(), walk.tail_.end());
  return walk;
}

Result<std::optional<Place>> IdWalk::next() {
  while (next_in_order_ < order_.covered() && !counts(order_[next_in_order_])) ++next_in_order_;
  const bool tail_ended = next_in_tail_ == tail_.size();
  if (next_in_order_ == order_.covered()) {
    return tail_ended ? std::nullopt : std::optional(tail_[next_in_tail_++]);
  }
  const Row row = order_[next_in_order_];
  const Place place{OMEN_TRY(view_.generation->id(row)), row};
  if (!tail_ended && tail_[next_in_tail_] < place) return std::optional(tail_[next_in_tail_++]);
  ++next_in_order_;
  return std::optional(place);
}

}  // namespace omendb

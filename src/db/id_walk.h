// IdWalk: the live rows of a View in ascending order of their ids, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/row.h"
#include "db/id_order.h"
#include "db/view.h"

namespace omendb {

class IdWalk {
 public:
  // From the id on, or from the first. The View and the order, which are of one generation, outlive it. Rows behind the
  // order are sorted at once.
  static Result<IdWalk> begin(const View& view, const IdOrder& order, std::optional<PointId> from);

  // nullopt: there are no more.
  Result<std::optional<Place>> next();

 private:
  IdWalk(const View& view, const IdOrder& order) : view_(view), order_(order), live_(view.live_rows()) {}
  bool counts(Row row) const { return index(row) < view_.visible && live_.contains(row); }

  const View& view_;
  const IdOrder& order_;
  const RowFilter live_;
  std::uint32_t next_in_order_ = 0;
  std::vector<Place> tail_;
  std::size_t next_in_tail_ = 0;
};

}  // namespace omendb

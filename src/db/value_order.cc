#include "db/value_order.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/first_in_order.h"
#include "base/try.h"
#include "db/bound_filter.h"
#include "payload/json_path.h"
#include "payload/order_values.h"
#include "payload/value_walk.h"

namespace omendb {
namespace {

// Those that were added and come first.
class FirstByValue {
 public:
  FirstByValue(const OrderBy& order, std::size_t limit) : order_(order), first_(limit, Before{order.descending}) {}

  // False: the order begins behind it.
  bool add(const OrderValue& value, const Place& place) {
    if (order_.start_from && less(order_.descending, value, *order_.start_from)) return false;
    first_.add({value, place});
    return true;
  }

  std::vector<OrderedPlace> take() && { return std::move(first_).take(); }

 private:
  static bool less(bool descending, const OrderValue& a, const OrderValue& b) {
    return descending ? order_value_less(b, a) : order_value_less(a, b);
  }

  // Upwards by id among equal values; 1 and 1.0 of one point have an order, too.
  struct Before {
    bool descending;
    bool operator()(const OrderedPlace& a, const OrderedPlace& b) const {
      if (less(descending, a.value, b.value)) return true;
      if (less(descending, b.value, a.value)) return false;
      return a.place != b.place ? a.place < b.place : a.value.index() < b.value.index();
    }
  };

  const OrderBy& order_;
  FirstInOrder<OrderedPlace, Before> first_;
};

// Null if none serves.
const FieldIndex* index_for_order(const View& view, const JsonPath& path) {
  for (const FieldIndex& field : *view.field_indexes) {
    if (field.path() == path && serves_order(field.type())) return &field;
  }
  return nullptr;
}

// From here on a double is the key of several whole numbers.
constexpr double kWholeNumbersEnd = 9007199254740992;

bool is_of_one_value(const OrderValue& of_key) {
  const auto* number = std::get_if<double>(&of_key);
  return number == nullptr || (*number < kWholeNumbersEnd && *number > -kWholeNumbersEnd);
}

// One request's search for the first points.
class FirstPoints {
 public:
  FirstPoints(const View& view, PointFilter* filter, const OrderBy& order, const JsonPath& path, std::uint32_t limit)
      : view_(view), filter_(filter), order_(order), path_(path), limit_(limit), first_(order, limit) {}

  // By looking at all that match.
  Result<void> list() {
    for (const Row row : OMEN_TRY(matching_rows(view_, filter_))) OMEN_TRY(add_values(row));
    return {};
  }

  // Value by value, until there are enough, and rows that the index does not know before. False: listing costs less;
  // what was found until then is of no use.
  Result<bool> walk(const FieldIndex& field) {
    steps_left_ = walk_steps_max(view_, filter_, limit_);
    unknown_ = field.unknown_rows(view_.visible, rows_changed_since(view_, field.changes_seen()));
    if (!OMEN_TRY(add_unknown_rows())) return false;
    ValueWalk values(field, order_);
    for (std::uint64_t found = 0; found < limit_ && values.next();) {
      const std::optional<std::uint64_t> of_value = OMEN_TRY(add_rows_of(field, values));
      if (!of_value) return false;
      found += *of_value;
    }
    if (filter_ != nullptr) OMEN_TRY(filter_->error());
    return true;
  }

  std::vector<OrderedPlace> take() && { return std::move(first_).take(); }

 private:
  bool matches(Row row) { return live_.contains(row) && (filter_ == nullptr || filter_->matches(row)); }

  // As the payload says.
  Result<void> add_values(Row row) {
    const Place place{OMEN_TRY(view_.generation->id(row)), row};
    const std::string_view payload = OMEN_TRY(view_.generation->payload(row));
    for (const OrderValue& value : order_values(payload, path_)) first_.add(value, place);
    return {};
  }

  Result<bool> add_unknown_rows() {
    const std::uint64_t rows = unknown_.size();
    if (rows > steps_left_) return false;
    steps_left_ -= rows;
    Result<void> added;
    unknown_.for_each([&](Row row) {
      if (added.ok() && matches(row)) added = add_values(row);
    });
    if (!added.ok()) return added.error();
    return true;
  }

  // How many of the value that the walk is at come into question; nullopt: it takes too many steps.
  Result<std::optional<std::uint64_t>> add_rows_of(const FieldIndex& field, const ValueWalk& values) {
    const OrderValue of_key = order_value_of_key(field.type(), values.key());
    FirstInOrder<Place> places(is_of_one_value(of_key) ? limit_ : std::numeric_limits<std::size_t>::max());
    for (const auto& [part, value] : values.places()) {
      for (const Row row : field.parts()[part]->rows_of({value, value + 1})) {
        if (index(row) >= view_.visible || unknown_.contains(row)) continue;
        if (steps_left_-- == 0) return std::optional<std::uint64_t>();
        if (matches(row)) places.add({OMEN_TRY(view_.generation->id(row)), row});
      }
    }
    std::uint64_t found = 0;
    for (const Place& place : std::move(places).take()) {
      found += OMEN_TRY(add_values_of_key(field.type(), values.key(), of_key, place));
    }
    return std::optional(found);
  }

  // The index does not tell 1 from 1.0, nor how often a point has a value. A payload without the value was changed a
  // moment ago.
  Result<std::uint64_t> add_values_of_key(FieldType type, std::string_view key, const OrderValue& of_key,
                                          const Place& place) {
    std::uint64_t found = 0;
    bool any = false;
    for (const OrderValue& value : order_values(OMEN_TRY(view_.generation->payload(place.row)), path_)) {
      if (key_of_order_value(type, value) != key) continue;
      any = true;
      if (first_.add(value, place)) ++found;
    }
    if (!any && first_.add(of_key, place)) ++found;
    return found;
  }

  const View& view_;
  PointFilter* const filter_;
  const OrderBy& order_;
  const JsonPath& path_;
  const std::uint32_t limit_;
  const RowFilter live_ = view_.live_rows();
  FirstByValue first_;
  RowSet unknown_{0};
  std::uint64_t steps_left_ = 0;
};

}  // namespace

Result<std::vector<OrderedPlace>> first_by_value(const View& view, PointFilter* filter, const OrderBy& order,
                                                 std::uint32_t limit) {
  const JsonPath path = OMEN_TRY(JsonPath::parse(order.key));
  if (const FieldIndex* field = index_for_order(view, path)) {
    FirstPoints points(view, filter, order, path, limit);
    if (OMEN_TRY(points.walk(*field))) return std::move(points).take();
  }
  FirstPoints points(view, filter, order, path, limit);
  OMEN_TRY(points.list());
  return std::move(points).take();
}

}  // namespace omendb

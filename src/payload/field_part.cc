#include "payload/field_part.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "payload/geo.h"
#include "payload/order_values.h"
#include "payload/value_key.h"
#include "payload/words.h"

namespace omendb {
namespace {

using Others = PartMatch::Others;

PartMatch nothing_but_others() { return {.passing = {}, .exact = true, .others = Others::Unknown}; }

PartMatch exactly(std::vector<ValueRange> passing, Others others) {
  return {.passing = std::move(passing), .exact = true, .others = others};
}

// Without empty ranges, ascending, and joined where they touch.
std::vector<ValueRange> tidy(std::vector<ValueRange> ranges) {
  std::erase_if(ranges, [](ValueRange range) { return range.begin >= range.end; });
  std::sort(ranges.begin(), ranges.end(), [](ValueRange a, ValueRange b) { return a.begin < b.begin; });
  std::vector<ValueRange> joined;
  for (const ValueRange range : ranges) {
    if (!joined.empty() && range.begin <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

bool contain(const std::vector<ValueRange>& ranges, std::uint32_t place) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), place,
                                      [](std::uint32_t value, ValueRange range) { return value < range.begin; });
  return after != ranges.begin() && place < std::prev(after)->end;
}

// The first key that is greater than all that begin with `prefix`; empty if there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

// Degrees of latitude that an area reaches at most: [first, second].
std::pair<double, double> latitudes(const GeoBox& box) { return {box.bottom_right.lat, box.top_left.lat}; }
std::pair<double, double> latitudes(const GeoPolygon& polygon) {
  const auto south_of = [](GeoPoint a, GeoPoint b) { return a.lat < b.lat; };
  const auto [south, north] = std::minmax_element(polygon.exterior.begin(), polygon.exterior.end(), south_of);
  return {south->lat, north->lat};
}
std::pair<double, double> latitudes(const GeoRadius& radius) {
  // A little more than a degree of latitude takes (110,574 m at the equator), so that rounding loses nothing.
  constexpr double kMetersPerDegree = 110'000;
  const double reach = radius.meters / kMetersPerDegree;
  return {radius.center.lat - reach, radius.center.lat + reach};
}

}  // namespace

// --- Reading.

std::string_view FieldPart::key(std::uint32_t place) const {
  const std::uint64_t begin = place == 0 ? 0 : key_ends_[place - 1];
  return std::string_view(keys_).substr(begin, key_ends_[place] - begin);
}

std::span<const Row> FieldPart::rows_of(ValueRange values) const {
  if (values.begin >= values.end) return {};
  const std::uint32_t begin = values.begin == 0 ? 0 : posting_ends_[values.begin - 1];
  return std::span(postings_).subspan(begin, posting_ends_[values.end - 1] - begin);
}

std::span<const std::uint32_t> FieldPart::values_of(Row row) const {
  const std::uint32_t place = index(row) - rows_.begin;
  const std::uint32_t begin = place == 0 ? 0 : row_ends_[place - 1];
  return std::span(row_values_).subspan(begin, row_ends_[place] - begin);
}

std::uint64_t FieldPart::memory_bytes() const {
  return keys_.capacity() + sizeof(std::uint64_t) * key_ends_.capacity() +
         sizeof(std::uint32_t) * (posting_ends_.capacity() + postings_.capacity() + row_ends_.capacity() +
                                  row_values_.capacity() + others_.capacity());
}

std::optional<bool> FieldPart::passes(const PartMatch& match, Row row) const {
  for (const std::uint32_t value : values_of(row)) {
    if (!contain(match.passing, value)) continue;
    if (match.exact) return true;
    return std::nullopt;
  }
  if (match.others == Others::Fail || !std::binary_search(others_.begin(), others_.end(), row)) return false;
  if (match.others == Others::Pass) return true;
  return std::nullopt;
}

bool FieldPart::has_value(Row row) const {
  const std::span<const std::uint32_t> values = values_of(row);
  if (type_ != FieldType::Uuid) return !values.empty();
  return std::any_of(values.begin(), values.end(), [&](std::uint32_t value) {
    const Result<PointId> id = PointId::parse(key(value));
    return id.ok() && id->is_uuid();
  });
}

std::uint64_t FieldPart::rows_max(const PartMatch& match) const {
  std::uint64_t rows = match.others == Others::Fail ? 0 : others_.size();
  for (const ValueRange range : match.passing) rows += rows_of(range).size();
  return rows;
}

void FieldPart::for_each_row(const PartMatch& match, FunctionRef<void(Row, bool certain)> visit) const {
  for (const ValueRange range : match.passing) {
    for (const Row row : rows_of(range)) visit(row, match.exact);
  }
  if (match.others == Others::Fail) return;
  for (const Row row : others_) visit(row, match.others == Others::Pass);
}

void FieldPart::add_rows(const PartMatch& match, KnownRows& rows) const {
  const auto add = [&](std::span<const Row> some, bool certain) {
    const bool all_fit = rows_.end <= rows.possible.end();
    for (const Row row : some) {
      if (all_fit || index(row) < rows.possible.end()) rows.possible.insert(row);
    }
    if (certain) return;
    for (const Row row : some) {
      if (all_fit || index(row) < rows.unsure.end()) rows.unsure.insert(row);
    }
  };
  for (const ValueRange range : match.passing) add(rows_of(range), match.exact);
  if (match.others != Others::Fail) add(others_, match.others == Others::Pass);
}

// --- Finding values.

template <class Below>
std::uint32_t FieldPart::first_not(Below below) const {
  std::uint32_t first = 0;
  std::uint32_t count = size();
  while (count > 0) {
    const std::uint32_t half = count / 2;
    const bool right = below(key(first + half));
    first = right ? first + half + 1 : first;
    count = right ? count - half - 1 : half;
  }
  return first;
}

std::uint32_t FieldPart::first_not_below(std::string_view wanted) const {
  return first_not([&](std::string_view key) { return key < wanted; });
}

ValueRange FieldPart::equal_to(std::string_view wanted) const {
  const std::uint32_t place = first_not_below(wanted);
  const bool found = place < size() && key(place) == wanted;
  return {place, found ? place + 1 : place};
}

ValueRange FieldPart::starting_with(std::string_view prefix) const {
  const std::string end = end_of_prefix(prefix);
  return {first_not_below(prefix), end.empty() ? size() : first_not_below(end)};
}

template <class T>
ValueRange FieldPart::within(const Bounds<T>& bounds) const {
  const auto after = [&](const std::string& bound) { return equal_to(bound).end; };
  ValueRange range{0, size()};
  if (bounds.gte) range.begin = std::max(range.begin, first_not_below(key_of(*bounds.gte)));
  if (bounds.gt) range.begin = std::max(range.begin, after(key_of(*bounds.gt)));
  if (bounds.lt) range.end = std::min(range.end, first_not_below(key_of(*bounds.lt)));
  if (bounds.lte) range.end = std::min(range.end, after(key_of(*bounds.lte)));
  return range;
}

// Of whole numbers, by their values as doubles, as payloads are compared: beyond 2^53 several are the same double.
ValueRange FieldPart::integers_within(const NumberRange& range) const {
  const auto below = [&](double bound) {
    return first_not([&](std::string_view key) { return static_cast<double>(integer_of_key(key)) < bound; });
  };
  const auto not_above = [&](double bound) {
    return first_not([&](std::string_view key) { return static_cast<double>(integer_of_key(key)) <= bound; });
  };
  ValueRange values{0, size()};
  if (range.gte) values.begin = std::max(values.begin, below(*range.gte));
  if (range.gt) values.begin = std::max(values.begin, not_above(*range.gt));
  if (range.lt) values.end = std::min(values.end, below(*range.lt));
  if (range.lte) values.end = std::min(values.end, not_above(*range.lte));
  return values;
}

ValueRange FieldPart::values_from(const OrderValue& start, bool descending) const {
  // As its key would be, so that no whole number is left out that shares one with a neighbour.
  const OrderValue first =
      type_ == FieldType::Float ? std::visit([](auto v) { return static_cast<double>(v); }, start) : start;
  const auto value = [&](std::string_view key) { return order_value_of_key(type_, key); };
  if (descending) {
    return {0, first_not([&](std::string_view key) { return !order_value_less(first, value(key)); })};
  }
  return {first_not([&](std::string_view key) { return order_value_less(value(key), first); }), size()};
}

template <class Holds>
std::vector<ValueRange> FieldPart::where(ValueRange values, Holds holds) const {
  std::vector<ValueRange> ranges;
  for (std::uint32_t place = values.begin; place < values.end; ++place) {
    if (holds(key(place))) ranges.push_back({place, place + 1});
  }
  return tidy(std::move(ranges));
}

template <class T>
std::vector<ValueRange> FieldPart::any_of(const std::vector<T>& list) const {
  std::vector<ValueRange> ranges;
  for (const T& value : list) {
    if constexpr (std::is_same_v<T, std::string>) {
      ranges.push_back(equal_to(value));
    } else {
      ranges.push_back(equal_to(key_of(value)));
    }
  }
  return tidy(std::move(ranges));
}

std::vector<ValueRange> FieldPart::none_of(const std::vector<ValueRange>& values) const {
  std::vector<ValueRange> ranges;
  std::uint32_t begin = 0;
  for (const ValueRange range : values) {
    ranges.push_back({begin, range.begin});
    begin = range.end;
  }
  ranges.push_back({begin, size()});
  return tidy(std::move(ranges));
}

// --- Matching.

std::optional<PartMatch> FieldPart::match(const FieldTest& test) const {
  const bool of_whole_field = std::holds_alternative<ValuesCount>(test) || std::holds_alternative<IsEmpty>(test) ||
                              std::holds_alternative<IsNull>(test);
  if (of_whole_field) return std::nullopt;
  switch (type_) {
    case FieldType::Keyword:
    case FieldType::Uuid: return match_keyword(test);
    case FieldType::Integer:
    case FieldType::Bool: return match_integer(test);
    case FieldType::Float: return match_number(test);
    case FieldType::Geo: return match_place(test);
    case FieldType::Text: return match_words(test);
    case FieldType::Datetime: break;
  }
  if (const auto* range = std::get_if<DatetimeRange>(&test)) return exactly(tidy({within(*range)}), Others::Fail);
  if (std::holds_alternative<NumberRange>(test)) return nothing_but_others();
  return std::nullopt;
}

std::optional<PartMatch> FieldPart::match_keyword(const FieldTest& test) const {
  if (const auto* match = std::get_if<MatchValue>(&test)) {
    const auto* text = std::get_if<std::string>(&match->value);
    return text == nullptr ? nothing_but_others() : exactly(tidy({equal_to(*text)}), Others::Fail);
  }
  if (const auto* match = std::get_if<MatchAny>(&test)) {
    const auto* texts = std::get_if<std::vector<std::string>>(&match->list);
    return texts == nullptr ? nothing_but_others() : exactly(any_of(*texts), Others::Fail);
  }
  if (const auto* match = std::get_if<MatchExcept>(&test)) {
    const auto* texts = std::get_if<std::vector<std::string>>(&match->list);
    return texts == nullptr ? exactly(none_of({}), Others::Unknown) : exactly(none_of(any_of(*texts)), Others::Pass);
  }
  if (const auto* match = std::get_if<MatchPrefix>(&test)) {
    return exactly(tidy({starting_with(match->prefix)}), Others::Fail);
  }
  if (const auto* match = std::get_if<MatchSubstring>(&test)) {
    const auto has = [&](std::string_view text) { return text.find(match->substring) != std::string_view::npos; };
    return exactly(where({0, size()}, has), Others::Fail);
  }
  const bool of_no_string = std::holds_alternative<NumberRange>(test) || std::holds_alternative<GeoBox>(test) ||
                            std::holds_alternative<GeoRadius>(test) || std::holds_alternative<GeoPolygon>(test);
  if (of_no_string) return nothing_but_others();
  return std::nullopt;
}

// Whole numbers, and booleans as 0 and 1.
std::optional<PartMatch> FieldPart::match_integer(const FieldTest& test) const {
  const bool booleans = type_ == FieldType::Bool;
  if (const auto* match = std::get_if<MatchValue>(&test)) {
    const auto* flag = std::get_if<bool>(&match->value);
    const auto* number = std::get_if<std::int64_t>(&match->value);
    if (booleans && flag != nullptr) return exactly(tidy({equal_to(key_of(std::int64_t{*flag}))}), Others::Fail);
    if (!booleans && number != nullptr) return exactly(tidy({equal_to(key_of(*number))}), Others::Fail);
    return nothing_but_others();
  }
  if (const auto* match = std::get_if<MatchAny>(&test)) {
    const auto* numbers = std::get_if<std::vector<std::int64_t>>(&match->list);
    return booleans || numbers == nullptr ? nothing_but_others() : exactly(any_of(*numbers), Others::Fail);
  }
  if (const auto* match = std::get_if<MatchExcept>(&test)) {
    const auto* numbers = std::get_if<std::vector<std::int64_t>>(&match->list);
    if (booleans || numbers == nullptr) return exactly(none_of({}), Others::Unknown);
    // A number beyond int64 is among the others, and in no list.
    return exactly(none_of(any_of(*numbers)), Others::Pass);
  }
  if (const auto* range = std::get_if<NumberRange>(&test); range != nullptr && !booleans) {
    return exactly(tidy({integers_within(*range)}), Others::Unknown);
  }
  return nothing_but_others();
}

std::optional<PartMatch> FieldPart::match_number(const FieldTest& test) const {
  if (const auto* range = std::get_if<NumberRange>(&test)) return exactly(tidy({within(*range)}), Others::Fail);
  if (const auto* match = std::get_if<MatchValue>(&test)) {
    const auto* number = std::get_if<std::int64_t>(&match->value);
    if (number == nullptr) return nothing_but_others();
    PartMatch found = exactly(tidy({equal_to(key_of(static_cast<double>(*number)))}), Others::Fail);
    found.exact = false;  // 1.0 is not 1
    return found;
  }
  if (std::holds_alternative<MatchAny>(test) || std::holds_alternative<MatchExcept>(test)) return std::nullopt;
  return nothing_but_others();
}

std::optional<PartMatch> FieldPart::match_place(const FieldTest& test) const {
  const auto inside = [&](const auto& area) {
    const auto [south, north] = latitudes(area);
    constexpr double kWest = -std::numeric_limits<double>::infinity();
    const ValueRange near{first_not_below(key_of(GeoPoint{kWest, south})),
                          first_not_below(key_of(GeoPoint{-kWest, north}))};
    return exactly(where(near, [&](std::string_view place) { return contains(area, place_of_key(place)); }),
                   Others::Fail);
  };
  if (const auto* box = std::get_if<GeoBox>(&test)) return inside(*box);
  if (const auto* radius = std::get_if<GeoRadius>(&test)) return inside(*radius);
  if (const auto* polygon = std::get_if<GeoPolygon>(&test)) return inside(*polygon);
  return std::nullopt;
}

std::optional<PartMatch> FieldPart::match_words(const FieldTest& test) const {
  const auto* all = std::get_if<MatchText>(&test);
  const auto* any = std::get_if<MatchTextAny>(&test);
  const auto* phrase = std::get_if<MatchPhrase>(&test);
  if (any != nullptr) return exactly(any_of(words_of(any->text)), Others::Fail);
  if (all == nullptr && phrase == nullptr) return std::nullopt;

  // The rows of its rarest word; whether the others are there, and where, their payloads say.
  const std::vector<std::string> words = words_of(all != nullptr ? all->text : phrase->text);
  if (words.empty()) return exactly({}, Others::Fail);
  ValueRange rarest{0, size()};
  for (const std::string& word : words) {
    const ValueRange value = equal_to(word);
    if (rows_of(value).size() <= rows_of(rarest).size()) rarest = value;
  }
  PartMatch found = exactly(tidy({rarest}), Others::Fail);
  found.exact = words.size() == 1;
  return found;
}

}  // namespace omendb

// Filters: which points a search or a count is about, by their payloads, ids and vectors.
//
// The grammar and its meaning are Qdrant's. A condition on a field looks at every value its path leads to, and into an
// array it finds there; it holds if it holds for one of them. What is missing matches nothing but IsEmpty and a
// ValuesCount that takes 0.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "omendb/point_id.h"
#include "omendb/result.h"

namespace omendb {

// --- Tests of a field's values.

// Equal, and of the same type: 1 is neither 1.0 nor true.
struct MatchValue {
  std::variant<bool, std::int64_t, std::string> value;
};

using MatchList = std::variant<std::vector<std::string>, std::vector<std::int64_t>>;

struct MatchAny {
  MatchList list;  // one of these; an empty list matches nothing
};

struct MatchExcept {
  MatchList list;  // any value but null and these
};

// Words are runs of letters and digits, compared in lower case.
struct MatchText {
  std::string text;  // has all its words, in any order
};
struct MatchTextAny {
  std::string text;  // has one of its words
};
struct MatchPhrase {
  std::string text;  // has its words one after another
};

// Byte by byte.
struct MatchPrefix {
  std::string prefix;
};
struct MatchSubstring {
  std::string substring;
};

// All that are given hold.
template <class T>
struct Bounds {
  std::optional<T> gt;
  std::optional<T> gte;
  std::optional<T> lt;
  std::optional<T> lte;

  bool contain(const T& value) const {
    return (!gt || value > *gt) && (!gte || value >= *gte) && (!lt || value < *lt) && (!lte || value <= *lte);
  }
};

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

using NumberRange = Bounds<double>;         // of numbers
using DatetimeRange = Bounds<Timestamp>;    // of texts that parse_datetime() reads
using ValuesCount = Bounds<std::uint64_t>;  // of an array's length; 1 for any other value, 0 for null and none

struct GeoPoint {
  double lon = 0;  // degrees, -180 to 180
  double lat = 0;  // degrees, -90 to 90
};

// Of objects {"lon": number, "lat": number}. Borders are outside.
struct GeoBox {
  GeoPoint top_left;
  GeoPoint bottom_right;  // west of top_left: the box crosses the 180th meridian
};
struct GeoRadius {
  GeoPoint center;
  double meters = 0;  // great-circle distance (haversine, mean Earth radius)
};
struct GeoPolygon {
  std::vector<GeoPoint> exterior;                // at least 4, the last equal to the first
  std::vector<std::vector<GeoPoint>> interiors;  // holes
};

struct IsEmpty {
  bool expected = true;  // missing, null or []
};
struct IsNull {
  bool expected = true;  // null, or an array with a null in it
};

using FieldTest = std::variant<MatchValue, MatchAny, MatchExcept, MatchText, MatchTextAny, MatchPhrase, MatchPrefix,
                               MatchSubstring, NumberRange, DatetimeRange, GeoBox, GeoRadius, GeoPolygon, ValuesCount,
                               IsEmpty, IsNull>;

// --- Conditions.

// `key` is a path: keys joined by dots, "quoted" if they are more than letters, digits, _ and -; `[2]` is an element of
// an array, `[]` each.
struct FieldCondition {
  std::string key;
  std::vector<FieldTest> tests;  // one of them; at least one
};

struct HasId {
  std::vector<PointId> ids;
};

struct HasVector {
  std::string name;  // "" is the unnamed one
};

// A share of all points, the same for ever: those whose SipHash-2-4 (zero key) of the id's bytes (8 little-endian, or a
// UUID's 16) leaves `index` when divided by `total`.
struct Slice {
  std::uint64_t total = 1;
  std::uint64_t index = 0;
};

struct Condition;

struct MinShould {
  std::vector<Condition> conditions;
  std::uint64_t min_count = 1;
};

// All of `must`, none of `must_not`, one of `should` if there are any, `min_count` of `min_should`. The empty filter
// matches every point.
struct Filter {
  std::vector<Condition> must;
  std::vector<Condition> should;
  std::vector<Condition> must_not;
  std::optional<MinShould> min_should;

  bool empty() const;
};

// One object of an array meets all of `filter`, whose keys start inside that object. Ids and vectors mean nothing there.
struct Nested {
  std::string key;  // of the array; `[]` at its end may be left out
  Filter filter;
};

struct Condition {
  std::variant<FieldCondition, HasId, HasVector, Slice, Nested, Filter> is;
};

constexpr std::uint32_t kFilterDepthMax = 32;  // filters in filters

// Reads Qdrant's JSON: {"must": [{"key": "city", "match": {"value": "Berlin"}}]}. InvalidArgument says what is wrong and
// where; an unknown key is wrong, null is as good as nothing.
Result<Filter> parse_filter(std::string_view json);

// RFC 3339, and its usual shortenings: the offset may be left out (UTC), the seconds, the time; T may be a space. Cut to
// microseconds. nullopt if it is no date and time.
std::optional<Timestamp> parse_datetime(std::string_view text);

}  // namespace omendb

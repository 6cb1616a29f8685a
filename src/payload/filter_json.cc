// Reads filters from Qdrant's JSON.
#include <simdjson.h>

#include <algorithm>
#include <initializer_list>

#include "base/try.h"
#include "omendb/filter.h"
#include "payload/filter_check.h"

namespace omendb {
namespace {

using Json = simdjson::dom::element;

Error wrong(const std::string& where, const std::string& what) {
  return {ErrorCode::InvalidArgument, (where.empty() ? "the filter" : where) + " " + what};
}

std::string below(const std::string& where, std::string_view key) {
  return where.empty() ? std::string(key) : where + "." + std::string(key);
}

std::string element_of(const std::string& where, std::size_t place) { return where + "[" + std::to_string(place) + "]"; }

// The fields of an object that are not null.
class Fields {
 public:
  static Result<Fields> of(Json json, const std::string& where) {
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return wrong(where, "must be an object");
    return Fields(object, where);
  }

  bool has(std::string_view key) const { return get(key).has_value(); }

  std::optional<Json> get(std::string_view key) const {
    Json value;
    if (object_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    return value;
  }

  template <class T>
  using Reader = Result<T> (*)(Json json, const std::string& where);

  template <class T>
  Result<T> need(std::string_view key, Reader<T> read) const {
    if (const std::optional<Json> value = get(key)) return read(*value, where(key));
    return wrong(where_, "needs a field \"" + std::string(key) + "\"");
  }

  template <class T>
  Result<std::optional<T>> maybe(std::string_view key, Reader<T> read) const {
    const std::optional<Json> value = get(key);
    if (!value) return std::optional<T>();
    return std::optional<T>(OMEN_TRY(read(*value, where(key))));
  }

  Result<void> know_only(std::initializer_list<std::string_view> known) const {
    for (const auto& field : object_) {
      if (std::find(known.begin(), known.end(), field.key) == known.end()) {
        return wrong(where_, "has an unknown field \"" + std::string(field.key) + "\"");
      }
    }
    return {};
  }

  std::string where(std::string_view key) const { return below(where_, key); }

 private:
  Fields(simdjson::dom::object object, std::string where) : object_(object), where_(std::move(where)) {}

  simdjson::dom::object object_;
  std::string where_;
};

// --- Single values.

Result<Json> as_it_is(Json json, const std::string&) { return json; }

// As simdjson reads a T, kept as what the caller wants of it.
template <class T, class Kept = T>
Result<Kept> read_as(Json json, const std::string& where, const char* what) {
  T value;
  if (json.get(value) != simdjson::SUCCESS) return wrong(where, std::string("must be ") + what);
  return Kept(value);
}

Result<std::string> read_text(Json json, const std::string& where) {
  return read_as<std::string_view, std::string>(json, where, "a string");
}
Result<double> read_number(Json json, const std::string& where) { return read_as<double>(json, where, "a number"); }
Result<std::uint64_t> read_count(Json json, const std::string& where) {
  return read_as<std::uint64_t>(json, where, "a whole number of at least 0");
}
Result<std::int64_t> read_integer(Json json, const std::string& where) {
  return read_as<std::int64_t>(json, where, "a whole number, like the first in the list");
}
Result<bool> read_flag(Json json, const std::string& where) { return read_as<bool>(json, where, "true or false"); }

Result<Timestamp> read_timestamp(Json json, const std::string& where) {
  const std::string text = OMEN_TRY(read_text(json, where));
  if (const std::optional<Timestamp> time = parse_datetime(text)) return *time;
  return wrong(where, "must be a date and time as of RFC 3339, and is \"" + text + "\"");
}

Result<PointId> read_id(Json json, const std::string& where) {
  std::uint64_t number = 0;
  if (json.get(number) == simdjson::SUCCESS) return PointId(number);
  std::string_view text;
  if (json.get(text) == simdjson::SUCCESS) {
    const Result<PointId> id = PointId::parse(text);
    if (id.ok() && id->is_uuid()) return *id;
  }
  return wrong(where, "must be an unsigned number or a UUID");
}

// A list, element by element.
template <class T>
Result<std::vector<T>> read_list(Json json, const std::string& where,
                                 Result<T> (*read)(Json json, const std::string& where)) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) return wrong(where, "must be a list");
  std::vector<T> list;
  list.reserve(array.size());
  for (const Json element : array) list.push_back(OMEN_TRY(read(element, element_of(where, list.size()))));
  return list;
}

// --- Tests.

Result<MatchList> read_match_list(Json json, const std::string& where) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) return wrong(where, "must be a list");
  std::int64_t number = 0;
  const bool numbers = array.size() > 0 && array.at(0).get(number) == simdjson::SUCCESS;
  if (numbers) return MatchList(OMEN_TRY(read_list(json, where, read_integer)));
  return MatchList(OMEN_TRY(read_list(json, where, read_text)));
}

Result<FieldTest> read_match_value(Json json, const std::string& where) {
  bool flag = false;
  if (json.get(flag) == simdjson::SUCCESS) return FieldTest(MatchValue{flag});
  std::int64_t number = 0;
  if (json.get(number) == simdjson::SUCCESS) return FieldTest(MatchValue{number});
  std::string_view text;
  if (json.get(text) == simdjson::SUCCESS) return FieldTest(MatchValue{std::string(text)});
  return wrong(where, "must be a string, a whole number or a boolean");
}

Result<FieldTest> read_match(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  OMEN_TRY(fields.know_only({"value", "any", "except", "text", "text_any", "phrase", "prefix", "substring"}));
  const auto text_of = [&](std::string_view key) { return read_text(*fields.get(key), fields.where(key)); };
  const auto list_of = [&](std::string_view key) { return read_match_list(*fields.get(key), fields.where(key)); };
  if (fields.has("value")) return read_match_value(*fields.get("value"), fields.where("value"));
  if (fields.has("any")) return FieldTest(MatchAny{OMEN_TRY(list_of("any"))});
  if (fields.has("except")) return FieldTest(MatchExcept{OMEN_TRY(list_of("except"))});
  if (fields.has("text")) return FieldTest(MatchText{OMEN_TRY(text_of("text"))});
  if (fields.has("text_any")) return FieldTest(MatchTextAny{OMEN_TRY(text_of("text_any"))});
  if (fields.has("phrase")) return FieldTest(MatchPhrase{OMEN_TRY(text_of("phrase"))});
  if (fields.has("prefix")) return FieldTest(MatchPrefix{OMEN_TRY(text_of("prefix"))});
  if (fields.has("substring")) return FieldTest(MatchSubstring{OMEN_TRY(text_of("substring"))});
  return wrong(where, "needs one of value, any, except, text, text_any, phrase, prefix and substring");
}

template <class T>
Result<Bounds<T>> read_bounds(const Fields& fields, Result<T> (*read)(Json json, const std::string& where)) {
  OMEN_TRY(fields.know_only({"gt", "gte", "lt", "lte"}));
  Bounds<T> bounds;
  bounds.gt = OMEN_TRY(fields.maybe("gt", read));
  bounds.gte = OMEN_TRY(fields.maybe("gte", read));
  bounds.lt = OMEN_TRY(fields.maybe("lt", read));
  bounds.lte = OMEN_TRY(fields.maybe("lte", read));
  return bounds;
}

Result<FieldTest> read_range(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  for (const std::string_view key : {"gt", "gte", "lt", "lte"}) {
    const std::optional<Json> bound = fields.get(key);
    if (bound && bound->is_string()) return FieldTest(OMEN_TRY(read_bounds(fields, read_timestamp)));
  }
  return FieldTest(OMEN_TRY(read_bounds(fields, read_number)));
}

Result<FieldTest> read_values_count(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  return FieldTest(OMEN_TRY(read_bounds(fields, read_count)));
}

Result<GeoPoint> read_geo_point(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  GeoPoint point;
  point.lon = OMEN_TRY(fields.need("lon", read_number));
  point.lat = OMEN_TRY(fields.need("lat", read_number));
  return point;
}

Result<FieldTest> read_geo_box(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  GeoBox box;
  box.top_left = OMEN_TRY(fields.need("top_left", read_geo_point));
  box.bottom_right = OMEN_TRY(fields.need("bottom_right", read_geo_point));
  return FieldTest(box);
}

Result<FieldTest> read_geo_radius(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  GeoRadius radius;
  radius.center = OMEN_TRY(fields.need("center", read_geo_point));
  radius.meters = OMEN_TRY(fields.need("radius", read_number));
  return FieldTest(radius);
}

using Ring = std::vector<GeoPoint>;

Result<Ring> read_ring(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  const Json points = OMEN_TRY(fields.need("points", as_it_is));
  return read_list(points, fields.where("points"), read_geo_point);
}

Result<FieldTest> read_geo_polygon(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  GeoPolygon polygon;
  polygon.exterior = OMEN_TRY(fields.need("exterior", read_ring));
  if (const auto interiors = fields.get("interiors")) {
    polygon.interiors = OMEN_TRY(read_list(*interiors, fields.where("interiors"), read_ring));
  }
  return FieldTest(polygon);
}

Result<FieldTest> read_is_empty(Json json, const std::string& where) {
  return FieldTest(IsEmpty{OMEN_TRY(read_flag(json, where))});
}

Result<FieldTest> read_is_null(Json json, const std::string& where) {
  return FieldTest(IsNull{OMEN_TRY(read_flag(json, where))});
}

// --- Conditions.

Result<FieldCondition> read_field_condition(const Fields& fields) {
  struct TestReader {
    std::string_view key;
    Result<FieldTest> (*read)(Json json, const std::string& where);
  };
  constexpr TestReader kReaders[] = {
      {"match", read_match},
      {"range", read_range},
      {"geo_bounding_box", read_geo_box},
      {"geo_radius", read_geo_radius},
      {"geo_polygon", read_geo_polygon},
      {"values_count", read_values_count},
      {"is_empty", read_is_empty},
      {"is_null", read_is_null},
  };
  OMEN_TRY(fields.know_only({"key", "match", "range", "geo_bounding_box", "geo_radius", "geo_polygon", "values_count",
                             "is_empty", "is_null"}));
  FieldCondition condition;
  condition.key = OMEN_TRY(fields.need("key", read_text));
  for (const TestReader& reader : kReaders) {
    const std::optional<Json> json = fields.get(reader.key);
    if (json) condition.tests.push_back(OMEN_TRY(reader.read(*json, fields.where(reader.key))));
  }
  return condition;
}

// {"is_empty": {"key": "a"}}: the older spelling, without a key beside it.
Result<FieldCondition> read_key_test(const Fields& fields, std::string_view name, FieldTest test) {
  const Fields inner = OMEN_TRY(fields.need(name, Fields::of));
  FieldCondition condition;
  condition.key = OMEN_TRY(inner.need("key", read_text));
  condition.tests.push_back(std::move(test));
  return condition;
}

Result<Slice> read_slice(Json json, const std::string& where) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  Slice slice;
  slice.total = OMEN_TRY(fields.need("total", read_count));
  slice.index = OMEN_TRY(fields.need("index", read_count));
  return slice;
}

Result<Filter> read_filter(Json json, const std::string& where, std::uint32_t depth);

Result<Nested> read_nested(Json json, const std::string& where, std::uint32_t depth) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  Nested nested;
  nested.key = OMEN_TRY(fields.need("key", read_text));
  const Json filter = OMEN_TRY(fields.need("filter", as_it_is));
  nested.filter = OMEN_TRY(read_filter(filter, fields.where("filter"), depth + 1));
  return nested;
}

// What it holds tells which condition it is.
Result<Condition> read_condition(Json json, const std::string& where, std::uint32_t depth) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  if (fields.has("key")) return Condition{OMEN_TRY(read_field_condition(fields))};
  if (fields.has("is_empty")) return Condition{OMEN_TRY(read_key_test(fields, "is_empty", IsEmpty{}))};
  if (fields.has("is_null")) return Condition{OMEN_TRY(read_key_test(fields, "is_null", IsNull{}))};
  if (const auto ids = fields.get("has_id")) {
    return Condition{HasId{OMEN_TRY(read_list(*ids, fields.where("has_id"), read_id))}};
  }
  if (const auto name = fields.get("has_vector")) {
    return Condition{HasVector{OMEN_TRY(read_text(*name, fields.where("has_vector")))}};
  }
  if (const auto slice = fields.get("slice")) return Condition{OMEN_TRY(read_slice(*slice, fields.where("slice")))};
  if (const auto nested = fields.get("nested")) {
    return Condition{OMEN_TRY(read_nested(*nested, fields.where("nested"), depth))};
  }
  return Condition{OMEN_TRY(read_filter(json, where, depth + 1))};
}

// A list of conditions, or one.
Result<std::vector<Condition>> read_conditions(Json json, const std::string& where, std::uint32_t depth) {
  std::vector<Condition> conditions;
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) {
    conditions.push_back(OMEN_TRY(read_condition(json, where, depth)));
    return conditions;
  }
  for (const Json element : array) {
    conditions.push_back(OMEN_TRY(read_condition(element, element_of(where, conditions.size()), depth)));
  }
  return conditions;
}

Result<MinShould> read_min_should(Json json, const std::string& where, std::uint32_t depth) {
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  MinShould min_should;
  const Json conditions = OMEN_TRY(fields.need("conditions", as_it_is));
  min_should.conditions = OMEN_TRY(read_conditions(conditions, fields.where("conditions"), depth));
  min_should.min_count = OMEN_TRY(fields.need("min_count", read_count));
  return min_should;
}

Result<Filter> read_filter(Json json, const std::string& where, std::uint32_t depth) {
  if (depth > kFilterDepthMax) {
    return wrong(where, "is nested too deeply: at most " + std::to_string(kFilterDepthMax) + " filters fit in another");
  }
  const Fields fields = OMEN_TRY(Fields::of(json, where));
  OMEN_TRY(fields.know_only({"must", "should", "must_not", "min_should"}));
  Filter filter;
  if (const auto list = fields.get("must")) {
    filter.must = OMEN_TRY(read_conditions(*list, fields.where("must"), depth));
  }
  if (const auto list = fields.get("should")) {
    filter.should = OMEN_TRY(read_conditions(*list, fields.where("should"), depth));
  }
  if (const auto list = fields.get("must_not")) {
    filter.must_not = OMEN_TRY(read_conditions(*list, fields.where("must_not"), depth));
  }
  if (const auto part = fields.get("min_should")) {
    filter.min_should = OMEN_TRY(read_min_should(*part, fields.where("min_should"), depth));
  }
  return filter;
}

}  // namespace

bool Filter::empty() const { return must.empty() && should.empty() && must_not.empty() && !min_should; }

Result<Filter> parse_filter(std::string_view json) {
  if (json.empty()) return Error{ErrorCode::InvalidArgument, "the filter is not JSON: it is empty"};
  simdjson::dom::parser parser;
  Json root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root)) {
    return Error{ErrorCode::InvalidArgument, std::string("the filter is not JSON: ") + simdjson::error_message(error)};
  }
  Filter filter = OMEN_TRY(read_filter(root, "", 0));
  OMEN_TRY(FilterCheck::compile(filter));
  return filter;
}

}  // namespace omendb

#include "payload/field_check.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/try.h"
#include "payload/json_values.h"
#include "payload/geo.h"
#include "payload/words.h"

namespace omendb {
namespace {

using Json = simdjson::dom::element;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

template <class T>
std::optional<T> read(Json value) {
  T result;
  if (value.get(result) != simdjson::SUCCESS) return std::nullopt;
  return result;
}

// Of an object with two numbers.
std::optional<GeoPoint> read_geo_point(Json value) {
  GeoPoint point;
  if (value["lon"].get(point.lon) != simdjson::SUCCESS) return std::nullopt;
  if (value["lat"].get(point.lat) != simdjson::SUCCESS) return std::nullopt;
  return point;
}

// What an array counts, or any other value.
std::uint64_t count_of(Json value) {
  if (value.is_null()) return 0;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return 1;
  // size() saturates at 2^24 - 1.
  return static_cast<std::uint64_t>(std::distance(array.begin(), array.end()));
}

bool is_empty(Json value) { return count_of(value) == 0; }

bool has_null(Json value) {
  if (value.is_null()) return true;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return false;
  return std::any_of(array.begin(), array.end(), [](Json element) { return element.is_null(); });
}

bool equals(Json value, const std::variant<bool, std::int64_t, std::string>& wanted) {
  if (const bool* flag = std::get_if<bool>(&wanted)) return read<bool>(value) == *flag;
  // simdjson would read 1.0 as a whole number for nobody, and 2^63 for no int64.
  if (const auto* number = std::get_if<std::int64_t>(&wanted)) return read<std::int64_t>(value) == *number;
  return read<std::string_view>(value) == std::string_view(std::get<std::string>(wanted));
}

}  // namespace

Result<FieldCheck> FieldCheck::compile(const FieldCondition& condition) {
  if (condition.tests.empty()) {
    return Error{ErrorCode::InvalidArgument, "At least one field condition must be specified"};
  }
  FieldCheck check;
  check.path_ = OMEN_TRY(JsonPath::parse(condition.key));
  for (const FieldTest& test : condition.tests) {
    Result<Test> prepared = prepare(test);
    if (!prepared.ok()) return Error{prepared.error().code, condition.key + ": " + prepared.error().message};
    check.tests_.push_back(std::move(prepared).value());
  }
  return check;
}

Result<FieldCheck::Test> FieldCheck::prepare(const FieldTest& test) {
  using Need = Words::Need;
  const auto among = [](const MatchList& list, bool expected) {
    Among prepared;
    prepared.expected = expected;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&list)) {
      prepared.texts = {texts->begin(), texts->end()};
      prepared.texts_listed = true;
    } else {
      const auto& numbers = std::get<std::vector<std::int64_t>>(list);
      prepared.numbers = {numbers.begin(), numbers.end()};
    }
    return Test(std::move(prepared));
  };
  const auto area = [](const auto& shape) -> Result<Test> {
    OMEN_TRY(check_area(shape));
    return Test(shape);
  };
  return std::visit(
      Overloaded{
          [&](const MatchAny& any) -> Result<Test> { return among(any.list, true); },
          [&](const MatchExcept& except) -> Result<Test> { return among(except.list, false); },
          [](const MatchText& match) -> Result<Test> { return Test(Words{words_of(match.text), Need::All}); },
          [](const MatchTextAny& match) -> Result<Test> { return Test(Words{words_of(match.text), Need::Any}); },
          [](const MatchPhrase& match) -> Result<Test> { return Test(Words{words_of(match.text), Need::InOrder}); },
          [&](const GeoBox& box) { return area(box); },
          [&](const GeoRadius& radius) { return area(radius); },
          [&](const GeoPolygon& polygon) { return area(polygon); },
          [](const auto& as_it_is) -> Result<Test> { return Test(as_it_is); },
      },
      test);
}

bool FieldCheck::matches(Json root) const {
  return std::any_of(tests_.begin(), tests_.end(), [&](const Test& test) { return holds_for_field(test, root); });
}

bool FieldCheck::holds_for_field(const Test& test, Json root) const {
  if (const auto* count = std::get_if<ValuesCount>(&test)) {
    bool any = false;
    const bool holds = any_value(path_, root, [&](Json value) {
      any = true;
      return count->contain(count_of(value));
    });
    return holds || (!any && count->contain(0));
  }
  if (const auto* empty = std::get_if<IsEmpty>(&test)) {
    return any_value(path_, root, [](Json value) { return !is_empty(value); }) != empty->expected;
  }
  if (const auto* null = std::get_if<IsNull>(&test)) return any_value(path_, root, has_null) == null->expected;
  return any_element(path_, root, [&](Json value) { return holds_for_element(test, value); });
}

bool FieldCheck::holds_for_element(const Test& test, Json value) {
  const auto in_area = [&](const auto& area) {
    const std::optional<GeoPoint> point = read_geo_point(value);
    return point && contains(area, *point);
  };
  return std::visit(
      Overloaded{
          [&](const MatchValue& match) { return equals(value, match.value); },
          [&](const Among& among) { return holds(among, value); },
          [&](const Words& words) {
            const auto text = read<std::string_view>(value);
            return text && holds(words, *text);
          },
          [&](const MatchPrefix& match) {
            const auto text = read<std::string_view>(value);
            return text && text->starts_with(match.prefix);
          },
          [&](const MatchSubstring& match) {
            const auto text = read<std::string_view>(value);
            return text && text->find(match.substring) != std::string_view::npos;
          },
          [&](const NumberRange& range) {
            const auto number = read<double>(value);
            return number && range.contain(*number);
          },
          [&](const DatetimeRange& range) {
            const auto text = read<std::string_view>(value);
            const auto time = text ? parse_datetime(*text) : std::nullopt;
            return time && range.contain(*time);
          },
          [&](const GeoBox& box) { return in_area(box); },
          [&](const GeoRadius& radius) { return in_area(radius); },
          [&](const GeoPolygon& polygon) { return in_area(polygon); },
          [](const auto&) { return false; },  // the tests of whole fields
      },
      test);
}

bool FieldCheck::holds(const Among& test, Json value) {
  if (value.is_null()) return false;
  const auto text = test.texts_listed ? read<std::string_view>(value) : std::nullopt;
  const auto number = test.texts_listed ? std::nullopt : read<std::int64_t>(value);
  const bool listed = (text && test.texts.contains(std::string(*text))) || (number && test.numbers.contains(*number));
  return listed == test.expected;
}

bool FieldCheck::holds(const Words& test, std::string_view text) {
  if (test.words.empty()) return false;
  const std::vector<std::string> words = words_of(text);
  const auto has = [&](const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  switch (test.need) {
    case Words::Need::All:
      return std::all_of(test.words.begin(), test.words.end(), has);
    case Words::Need::Any:
      return std::any_of(test.words.begin(), test.words.end(), has);
    case Words::Need::InOrder:
      return std::search(words.begin(), words.end(), test.words.begin(), test.words.end()) != words.end();
  }
  return false;
}

}  // namespace omendb

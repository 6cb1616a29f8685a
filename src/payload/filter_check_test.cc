#include "payload/filter_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace omendb {
namespace {

class TestPoint final : public FilterSubject {
 public:
  TestPoint(PointId id, std::string payload) : id_(id), payload_(std::move(payload)) {}
  PointId id() const override { return id_; }
  std::string_view payload() const override { return payload_; }
  bool has_vector(std::string_view name) const override { return name == "image"; }

 private:
  PointId id_;
  std::string payload_;
};

bool matches(const std::string& filter_json, const std::string& payload, PointId id = 7) {
  const Result<Filter> filter = parse_filter(filter_json);
  EXPECT_TRUE(filter.ok()) << filter_json << ": " << (filter.ok() ? "" : filter.error().message);
  if (!filter.ok()) return false;
  return FilterCheck::compile(*filter).value().matches(TestPoint(id, payload));
}

// One condition on `key`.
bool field_matches(const std::string& key, const std::string& test, const std::string& payload) {
  std::string quoted = key;
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) quoted.insert(at, "\\");
  return matches(R"({"must": {"key": ")" + quoted + R"(", )" + test + "}}", payload);
}

struct Case {
  const char* key;
  const char* test;
  const char* payload;
  bool want;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(field_matches(c.key, c.test, c.payload), c.want) << c.key << ": " << c.test << " of " << c.payload;
  }
}

TEST(FilterCheck, MatchesAValueOfTheSameTypeOnly) {
  expect_all({
      {"a", R"("match": {"value": "red"})", R"({"a": "red"})", true},
      {"a", R"("match": {"value": "red"})", R"({"a": "Red"})", false},
      {"a", R"("match": {"value": 1})", R"({"a": 1})", true},
      {"a", R"("match": {"value": 1})", R"({"a": 1.0})", false},
      {"a", R"("match": {"value": 1})", R"({"a": true})", false},
      {"a", R"("match": {"value": 1})", R"({"a": "1"})", false},
      {"a", R"("match": {"value": true})", R"({"a": true})", true},
      {"a", R"("match": {"value": false})", R"({"a": true})", false},
      {"a", R"("match": {"value": -5})", R"({"a": -5})", true},
      {"a", R"("match": {"value": 1})", R"({"b": 1})", false},
      {"a", R"("match": {"value": 1})", "", false},
      {"a", R"("match": {"value": "é"})", R"({"a": "\u00e9"})", true},
  });
}

TEST(FilterCheck, LooksIntoAnArrayButNotIntoArraysInIt) {
  expect_all({
      {"a", R"("match": {"value": 2})", R"({"a": [1, 2]})", true},
      {"a", R"("match": {"value": 3})", R"({"a": [1, 2]})", false},
      {"a", R"("match": {"value": 2})", R"({"a": [[1, 2]]})", false},
      {"a[]", R"("match": {"value": 2})", R"({"a": [[1, 2]]})", true},
      {"a[]", R"("match": {"value": 2})", R"({"a": 2})", false},
      {"a[1]", R"("match": {"value": 2})", R"({"a": [1, 2]})", true},
      {"a[2]", R"("match": {"value": 2})", R"({"a": [1, 2]})", false},
  });
}

TEST(FilterCheck, FollowsPaths) {
  expect_all({
      {"a.b", R"("match": {"value": 1})", R"({"a": {"b": 1}})", true},
      {"a.b", R"("match": {"value": 1})", R"({"a.b": 1})", false},
      {R"("a.b")", R"("match": {"value": 1})", R"({"a.b": 1})", true},
      {"a.b", R"("match": {"value": 1})", R"({"a": [{"b": 1}]})", false},
      {"a[].b", R"("match": {"value": 1})", R"({"a": [{"b": 0}, 5, {"b": [3, 1]}]})", true},
      {"a[1].b", R"("match": {"value": 1})", R"({"a": [{"b": 1}, {"b": 2}]})", false},
      {"straße-1_b", R"("match": {"value": 1})", R"({"straße-1_b": 1})", true},
  });
}

TEST(FilterCheck, MatchesAnyAndExcept) {
  expect_all({
      {"a", R"("match": {"any": ["x", "y"]})", R"({"a": "y"})", true},
      {"a", R"("match": {"any": ["x", "y"]})", R"({"a": "z"})", false},
      {"a", R"("match": {"any": [1, 2]})", R"({"a": [5, 2]})", true},
      {"a", R"("match": {"any": [1, 2]})", R"({"a": "1"})", false},
      {"a", R"("match": {"any": []})", R"({"a": "x"})", false},
      {"a", R"("match": {"except": ["x"]})", R"({"a": "x"})", false},
      {"a", R"("match": {"except": ["x"]})", R"({"a": ["x", "y"]})", true},
      {"a", R"("match": {"except": ["x"]})", R"({"a": 1})", true},
      {"a", R"("match": {"except": [1]})", R"({"a": 1})", false},
      {"a", R"("match": {"except": [1]})", R"({"a": 1.5})", true},
      {"a", R"("match": {"except": ["x"]})", R"({"a": null})", false},
      {"a", R"("match": {"except": ["x"]})", R"({})", false},
      {"a", R"("match": {"except": []})", R"({"a": "x"})", true},
  });
}

TEST(FilterCheck, MatchesWords) {
  expect_all({
      {"a", R"("match": {"text": "fox quick"})", R"({"a": "The QUICK brown fox."})", true},
      {"a", R"("match": {"text": "fox slow"})", R"({"a": "The quick brown fox."})", false},
      {"a", R"("match": {"text": "qui"})", R"({"a": "The quick brown fox."})", false},
      {"a", R"("match": {"text": ""})", R"({"a": "x"})", false},
      {"a", R"("match": {"text": "x"})", R"({"a": 1})", false},
      {"a", R"("match": {"text_any": "slow fox"})", R"({"a": "The quick brown fox."})", true},
      {"a", R"("match": {"text_any": "slow dog"})", R"({"a": "The quick brown fox."})", false},
      {"a", R"("match": {"phrase": "quick BROWN"})", R"({"a": "The quick, brown fox."})", true},
      {"a", R"("match": {"phrase": "brown quick"})", R"({"a": "The quick, brown fox."})", false},
      {"a", R"("match": {"text": "ÉCOLE"})", R"({"a": "à l'école"})", true},
      {"a", R"("match": {"prefix": "ab"})", R"({"a": "abc"})", true},
      {"a", R"("match": {"prefix": "ab"})", R"({"a": "Abc"})", false},
      {"a", R"("match": {"prefix": ""})", R"({"a": 1})", false},
      {"a", R"("match": {"substring": "bc"})", R"({"a": "abcd"})", true},
      {"a", R"("match": {"substring": "cb"})", R"({"a": "abcd"})", false},
  });
}

TEST(FilterCheck, ComparesNumbersAndTimes) {
  expect_all({
      {"a", R"("range": {"gt": 1, "lte": 2})", R"({"a": 2})", true},
      {"a", R"("range": {"gt": 1, "lte": 2})", R"({"a": 1})", false},
      {"a", R"("range": {"gte": 1.5, "lt": 2})", R"({"a": 1.5})", true},
      {"a", R"("range": {"gte": 1.5, "lt": 2})", R"({"a": [0, 2, 1.75]})", true},
      {"a", R"("range": {"gte": 0})", R"({"a": true})", false},
      {"a", R"("range": {"gte": 0})", R"({"a": "1"})", false},
      {"a", R"("range": {"gt": 1})", R"({"a": 18446744073709551615})", true},
      {"a", R"("range": {"gt": "2024-01-01", "lt": "2024-01-02T00:00:00Z"})", R"({"a": "2024-01-01T12:00:00Z"})", true},
      {"a", R"("range": {"gt": "2024-01-01"})", R"({"a": "2024-01-01T00:30:00+01:00"})", false},
      {"a", R"("range": {"gt": "2024-01-01"})", R"({"a": 1893456000})", false},
      {"a", R"("range": {"gt": "2024-01-01"})", R"({"a": "tomorrow"})", false},
  });
}

TEST(FilterCheck, FindsPlaces) {
  constexpr const char* kBerlin = R"({"a": {"lon": 13.4050, "lat": 52.5200}})";
  expect_all({
      {"a", R"("geo_radius": {"center": {"lon": 13.4, "lat": 52.5}, "radius": 3000})", kBerlin, true},
      {"a", R"("geo_radius": {"center": {"lon": 13.4, "lat": 52.5}, "radius": 2000})", kBerlin, false},
      {"a", R"("geo_bounding_box": {"top_left": {"lon": 13, "lat": 53}, "bottom_right": {"lon": 14, "lat": 52}})",
       kBerlin, true},
      {"a", R"("geo_bounding_box": {"top_left": {"lon": 13.405, "lat": 53}, "bottom_right": {"lon": 14, "lat": 52}})",
       kBerlin, false},
      {"a", R"("geo_bounding_box": {"top_left": {"lon": 170, "lat": 53}, "bottom_right": {"lon": -170, "lat": 52}})",
       R"({"a": [{"lon": 0, "lat": 0}, {"lon": -175, "lat": 52.5}]})", true},
      {"a", R"("geo_polygon": {"exterior": {"points": [{"lon": 13, "lat": 52}, {"lon": 14, "lat": 52},
            {"lon": 13.5, "lat": 53.5}, {"lon": 13, "lat": 52}]}})", kBerlin, true},
      {"a", R"("geo_polygon": {"exterior": {"points": [{"lon": 13, "lat": 52}, {"lon": 14, "lat": 52},
            {"lon": 14, "lat": 53}, {"lon": 13, "lat": 53}, {"lon": 13, "lat": 52}]}, "interiors": [{"points": [
            {"lon": 13.3, "lat": 52.4}, {"lon": 13.6, "lat": 52.4}, {"lon": 13.5, "lat": 52.9},
            {"lon": 13.3, "lat": 52.4}]}]})", kBerlin, false},
      {"a", R"("geo_radius": {"center": {"lon": 0, "lat": 0}, "radius": 1e9})", R"({"a": {"lon": 1}})", false},
  });
}

TEST(FilterCheck, CountsValuesAndTellsWhatIsMissing) {
  expect_all({
      {"a", R"("values_count": {"gte": 2})", R"({"a": [1, null]})", true},
      {"a", R"("values_count": {"lt": 2})", R"({"a": "x"})", true},
      {"a", R"("values_count": {"lt": 1})", R"({"a": null})", true},
      {"a", R"("values_count": {"lt": 1})", R"({})", true},
      {"a", R"("values_count": {"gt": 0})", R"({})", false},
      {"a[].b", R"("values_count": {"gt": 1, "lt": 3})", R"({"a": [{"b": [1]}, {"b": [1, 2]}]})", true},
      {"a[].b", R"("values_count": {"gt": 1, "lt": 3})", R"({"a": [{"b": [1]}, {"b": [1, 2, 3]}]})", false},
      {"a", R"("is_empty": true)", R"({})", true},
      {"a", R"("is_empty": true)", R"({"a": []})", true},
      {"a", R"("is_empty": true)", R"({"a": null})", true},
      {"a", R"("is_empty": true)", R"({"a": [null]})", false},
      {"a", R"("is_empty": false)", R"({"a": 0})", true},
      {"a", R"("is_null": true)", R"({"a": null})", true},
      {"a", R"("is_null": true)", R"({"a": [1, null]})", true},
      {"a", R"("is_null": true)", R"({})", false},
      {"a", R"("is_null": false)", R"({})", true},
  });
  EXPECT_TRUE(matches(R"({"must": {"is_empty": {"key": "a"}}})", R"({"b": 1})"));
  EXPECT_TRUE(matches(R"({"must": {"is_null": {"key": "a"}}})", R"({"a": null})"));
}

TEST(FilterCheck, JoinsConditions) {
  const std::string a = R"({"key": "a", "match": {"value": 1}})";
  const std::string b = R"({"key": "b", "match": {"value": 1}})";
  const std::string c = R"({"key": "c", "match": {"value": 1}})";
  const std::string both = R"({"a": 1, "b": 1})";
  const std::string one = R"({"a": 1, "b": 2})";
  const std::string none = R"({"a": 2, "b": 2})";
  const auto list = [&](const std::string& name, const std::string& conditions) {
    return "{\"" + name + "\": [" + conditions + "]}";
  };
  EXPECT_TRUE(matches("{}", none));
  EXPECT_TRUE(matches(R"({"must": null, "should": []})", none));
  EXPECT_TRUE(matches(list("must", a + "," + b), both));
  EXPECT_FALSE(matches(list("must", a + "," + b), one));
  EXPECT_TRUE(matches(list("should", a + "," + b), one));
  EXPECT_FALSE(matches(list("should", a + "," + b), none));
  EXPECT_TRUE(matches(list("must_not", a + "," + b), none));
  EXPECT_FALSE(matches(list("must_not", a + "," + b), one));
  EXPECT_TRUE(matches(R"({"min_should": {"min_count": 2, "conditions": [)" + a + "," + b + "," + c + "]}}", both));
  EXPECT_FALSE(matches(R"({"min_should": {"min_count": 2, "conditions": [)" + a + "," + b + "," + c + "]}}", one));
  EXPECT_FALSE(matches(R"({"min_should": {"min_count": 1, "conditions": []}})", both));
  EXPECT_TRUE(matches(list("must_not", list("must", a + "," + b)), one));
  EXPECT_FALSE(matches(list("must", a) .insert(1, R"("must_not": [)" + b + "], "), both));
  EXPECT_TRUE(matches(R"({"must": {"key": "a", "match": {"value": 9}, "range": {"gte": 1}}})", one));
}

TEST(FilterCheck, MeetsAllOfANestedFilterInOneObject) {
  const std::string dogs = R"({"diet": [{"food": "leaves", "likes": false}, {"food": "meat", "likes": true}]})";
  const auto nested = [](const std::string& food, const char* likes, const std::string& key = "diet") {
    return R"({"must": {"nested": {"key": ")" + key + R"(", "filter": {"must": [
               {"key": "food", "match": {"value": ")" + food + R"("}},
               {"key": "likes", "match": {"value": )" + likes + "}}]}}}}";
  };
  EXPECT_TRUE(matches(nested("meat", "true"), dogs));
  EXPECT_TRUE(matches(nested("meat", "true", "diet[]"), dogs));
  EXPECT_FALSE(matches(nested("leaves", "true"), dogs));
  EXPECT_FALSE(matches(nested("meat", "true"), R"({"diet": {"food": "meat", "likes": true}})"));
  EXPECT_FALSE(matches(R"({"must": {"nested": {"key": "diet", "filter": {"must": {"has_id": [7]}}}}})", dogs));
}

TEST(FilterCheck, KnowsIdsVectorsAndSlices) {
  const std::string uuid = "550e8400-e29b-41d4-a716-446655440000";
  EXPECT_TRUE(matches(R"({"must": {"has_id": [1, 7]}})", ""));
  EXPECT_FALSE(matches(R"({"must": {"has_id": [1, 8]}})", ""));
  EXPECT_TRUE(matches(R"({"must": {"has_id": ["550E8400E29B41D4A716446655440000"]}})", "", *PointId::parse(uuid)));
  EXPECT_FALSE(matches(R"({"must": {"has_id": []}})", ""));
  EXPECT_TRUE(matches(R"({"must": {"has_vector": "image"}})", ""));
  EXPECT_FALSE(matches(R"({"must": {"has_vector": "text"}})", ""));
  int in_slices = 0;
  for (int i = 0; i < 5; ++i) {
    in_slices += matches(R"({"must": {"slice": {"total": 5, "index": )" + std::to_string(i) + "}}}", "", 123);
  }
  EXPECT_EQ(in_slices, 1);
}

TEST(FilterCheck, RefusesWhatMeansNothing) {
  std::string deep = "{}";
  for (std::uint32_t i = 0; i <= kFilterDepthMax; ++i) deep = R"({"must": [)" + deep + "]}";
  struct Refused {
    std::string filter;
    const char* message;
  };
  const Refused cases[] = {
      {"{", "not JSON"},
      {"[]", "must be an object"},
      {R"({"musst": []})", "unknown field \"musst\""},
      {R"({"must": [{"key": "a"}]})", "At least one field condition must be specified"},
      {R"({"must": [{"match": {"value": 1}}]})", "must[0] has an unknown field \"match\""},
      {R"({"must": [{"key": 5, "match": {"value": 1}}]})", "must[0].key must be a string"},
      {R"({"must": [{"key": "a..b", "match": {"value": 1}}]})", "\"a..b\" is not a path"},
      {R"({"must": [{"key": "a[x]", "match": {"value": 1}}]})", "\"a[x]\" is not a path"},
      {R"({"must": [{"key": "a", "match": {"value": 1.5}}]})", "must[0].match.value must be a string"},
      {R"({"must": [{"key": "a", "match": {}}]})", "needs one of value"},
      {R"({"must": [{"key": "a", "match": {"any": ["x", 1]}}]})", "must[0].match.any[1] must be a string"},
      {R"({"must": [{"key": "a", "range": {"gt": "soon"}}]})", "RFC 3339"},
      {R"({"must": [{"key": "a", "range": {"above": 1}}]})", "unknown field \"above\""},
      {R"({"must": [{"key": "a", "values_count": {"gt": -1}}]})", "whole number"},
      {R"({"must": [{"has_id": [-1]}]})", "must[0].has_id[0] must be an unsigned number or a UUID"},
      {R"({"must": [{"has_id": ["1"]}]})", "must[0].has_id[0] must be an unsigned number or a UUID"},
      {R"({"must": [{"slice": {"total": 2, "index": 2}}]})", "slice 2 is none of 2"},
      {R"({"min_should": {"conditions": [], "min_count": 0}})", "min_count is 0"},
      {R"({"must": [{"key": "a", "geo_radius": {"center": {"lon": 200, "lat": 0}, "radius": 1}}]})", "longitude"},
      {R"({"must": [{"key": "a", "geo_polygon": {"exterior": {"points": [{"lon": 1, "lat": 1}]}}}]})", "at least 4"},
      {deep, "nested too deeply"},
  };
  for (const Refused& c : cases) {
    const Result<Filter> filter = parse_filter(c.filter);
    ASSERT_FALSE(filter.ok()) << c.filter;
    EXPECT_EQ(filter.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(filter.error().message.find(c.message), std::string::npos) << filter.error().message;
  }
}

}  // namespace
}  // namespace omendb

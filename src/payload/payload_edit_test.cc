#include "payload/payload_edit.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "payload/facet_values.h"
#include "payload/order_values.h"

namespace omendb {
namespace {

JsonPath path(std::string_view text) { return JsonPath::parse(text).value(); }

TEST(PayloadEdit, SetsKeysAndKeepsTheTextOfTheOthers) {
  struct Case {
    const char* name;
    const char* payload;
    const char* key;
    const char* patch;
    const char* want;
  };
  const Case cases[] = {
      {"into none", "", "", R"({"a":1})", R"({"a":1})"},
      {"beside others, numbers as they were", R"({"x": 1.50, "y":[1, 2]})", "", R"({"a":"b"})",
       R"({"x":1.50,"y":[1, 2],"a":"b"})"},
      {"in place", R"({"a":1,"b":2})", "", R"({"a":{"c":3}})", R"({"a":{"c":3},"b":2})"},
      {"null removes", R"({"a":1,"b":2})", "", R"({"a":null,"z":null})", R"({"b":2})"},
      {"a key spelt otherwise is the same key", R"({"\u0061":1})", "", R"({"a":2})", R"({"\u0061":2})"},
      {"brackets and quotes in texts are no structure", R"({"t":"}\",{[","u":1})", "", R"({"u":2})",
       R"({"t":"}\",{[","u":2})"},
      {"under a key", R"({"a":{"b":1}})", "a", R"({"c":2})", R"({"a":{"b":1,"c":2}})"},
      {"under a key that is made", R"({})", "a.b", R"({"c":2})", R"({"a":{"b":{"c":2}}})"},
      {"in place of what is no object", R"({"a":7})", "a.b", R"({"c":2})", R"({"a":{"b":{"c":2}}})"},
      {"in an element", R"({"a":[{"x":1},{"x":2}]})", "a[1]", R"({"y":3})", R"({"a":[{"x":1},{"x":2,"y":3}]})"},
      {"in all elements", R"({"a":[{"x":1},5]})", "a[]", R"({"y":3})", R"({"a":[{"x":1,"y":3},{"y":3}]})"},
      {"in an element that is not there", R"({"a":[1]})", "a[4]", R"({"y":3})", R"({"a":[1]})"},
      {"in an array that is not there", R"({"a":1})", "a[].b", R"({"y":3})", R"({"a":[]})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const JsonPath key = path(*c.key == '\0' ? "unused" : c.key);
    EXPECT_EQ(set_payload(c.payload, c.patch, *c.key == '\0' ? nullptr : &key).value(), c.want);
  }
}

TEST(PayloadEdit, DeletesWhatPathsLeadTo) {
  struct Case {
    const char* payload;
    std::vector<JsonPath> keys;
    const char* want;
  };
  const Case cases[] = {
      {R"({"a":1,"b":2})", {path("a")}, R"({"b":2})"},
      {R"({"a":1,"b":2})", {path("a"), path("b")}, R"({})"},
      {R"({"a":{"b":1,"c":2}})", {path("a.b"), path("nobody.x")}, R"({"a":{"c":2}})"},
      {R"({"a":[{"b":1},{"b":2,"c":3}]})", {path("a[].b")}, R"({"a":[{},{"c":3}]})"},
      {R"({"a":[{"b":1},{"b":2}]})", {path("a[0].b")}, R"({"a":[{},{"b":2}]})"},
      {R"({"a":[1,2]})", {path("a[]")}, R"({"a":[]})"},
      {R"({"a":[1,2]})", {path("a[0]")}, R"({"a":[1,2]})"},
      {"", {path("a")}, "{}"},
  };
  for (const Case& c : cases) EXPECT_EQ(delete_payload_keys(c.payload, c.keys).value(), c.want) << c.payload;
}

TEST(PayloadEdit, RefusesWhatIsNoObjectAndWhatGrowsTooLarge) {
  EXPECT_EQ(set_payload("{}", "[1]", nullptr).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(set_payload("3", "{}", nullptr).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(delete_payload_keys("[]", {}).error().code, ErrorCode::InvalidArgument);
  std::string many = R"({"a":[)";
  for (int i = 0; i < 2'000; ++i) many += "0,";
  many += "0]}";
  const std::string large = R"({"x":")" + std::string(1 << 20, 'x') + R"("})";
  const JsonPath all = path("a[]");
  EXPECT_EQ(set_payload(many, large, &all).error().code, ErrorCode::TooLarge);
  std::string deep = "a";
  for (std::size_t i = 0; i < kPathStepsMax; ++i) deep += ".a";
  EXPECT_EQ(JsonPath::parse(deep).error().code, ErrorCode::InvalidArgument);
}

TEST(PayloadEdit, OfManyKeysTakesNoLongerThanTheyAreLong) {
  std::string patch = "{";
  for (int i = 0; i < 200'000; ++i) patch += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  patch.back() = '}';
  EXPECT_EQ(set_payload("", patch, nullptr).value().size(), patch.size());
}

// Whatever is set is what a reader finds there, and the rest is as it was.
TEST(PayloadEdit, OfRandomPayloadsReadBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  simdjson::dom::parser parser;
  for (int round = 0; round < 300; ++round) {
    std::string payload = "{";
    for (int i = 0; i < 5; ++i) {
      if (random() % 2 == 0) payload += (payload.size() > 1 ? ",\"" : "\"") + std::to_string(i) + "\": [" + std::to_string(random()) + "]";
    }
    payload += "}";
    const std::string key = std::to_string(random() % 5);
    const std::string changed = set_payload(payload, "{\"" + key + "\":true}", nullptr).value();
    simdjson::dom::parser other;
    const simdjson::dom::object before = parser.parse(payload).value();
    const simdjson::dom::object after = other.parse(changed).value();
    EXPECT_TRUE(bool(after[key]));
    for (const auto field : before) {
      if (field.key == key) continue;
      EXPECT_EQ(std::string(simdjson::minify(after[field.key].value())), std::string(simdjson::minify(field.value)));
    }
  }
}

// Readers see the first: it must not come back as the second.
TEST(PayloadEdit, ANameThatComesTwiceIsOneKey) {
  const JsonPath paths[] = {path("a")};
  EXPECT_EQ(delete_payload_keys(R"({"a":1,"b":0,"a":2})", paths).value(), R"({"b":0})");
  const JsonPath inner[] = {path("a.b")};
  EXPECT_EQ(delete_payload_keys(R"({"a":{"b":1},"a":{"b":2,"c":3}})", inner).value(), R"({"a":{},"a":{"c":3}})");
  EXPECT_EQ(set_payload(R"({"a":1,"a":2})", R"({"a":null})", nullptr).value(), "{}");
  EXPECT_EQ(set_payload(R"({"a":1,"a":2})", R"({"a":3})", nullptr).value(), R"({"a":3})");
}

TEST(OrderValues, AreNumbersAndTimes) {
  const auto values = order_values(R"({"a":[3, 2.5, "x", true, "1970-01-01T00:00:01Z"]})", path("a"));
  EXPECT_EQ(values, (std::vector<OrderValue>{std::int64_t{3}, 2.5, std::int64_t{1'000'000}}));
  EXPECT_TRUE(order_values("", path("a")).empty());
  EXPECT_TRUE(order_value_less(std::int64_t{2}, 2.5));
  EXPECT_FALSE(order_value_less(2.5, std::int64_t{2}));
  // 2^53 + 1 is no double: compared as one it would equal 2^53.
  EXPECT_TRUE(order_value_less(9007199254740992.0, std::int64_t{9007199254740993}));
  EXPECT_FALSE(order_value_less(std::int64_t{9007199254740993}, 9007199254740992.0));
}

TEST(FacetValues, AreTextsWholeNumbersAndTruthsEachOnce) {
  EXPECT_EQ(facet_values(R"({"a":["x", 1, "x", true, 1.5, null]})", path("a")),
            (std::vector<FacetValue>{std::string("x"), std::int64_t{1}, true}));
}

}  // namespace
}  // namespace omendb

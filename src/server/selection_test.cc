#include "server/selection.h"

#include <gtest/gtest.h>

#include "server/groups.h"
#include "server/http/body.h"
#include "server/payload_values.h"

namespace omendb {
namespace {

struct Parsed {
  explicit Parsed(std::string_view text) { body.append(text); }
  HttpBody body;
  Outcome<JsonDocument> document = JsonDocument::parse("");
  const Json& root() {
    document = JsonDocument::parse(body.text());
    EXPECT_TRUE(document.ok());
    return document->root();
  }
};

TEST(PayloadSelector, ReducesPayloads) {
  constexpr std::string_view kPayload = R"({"a":{"b":1.50,"c":"x\n"},"d":[{"e":1,"f":2},{"e":3}],"g":null,"h i":true})";
  struct Case {
    const char* selector;
    const char* want;
  };
  const Case cases[] = {
      {R"(true)", kPayload.data()},
      {R"(["g", "nothing"])", R"({"g":null})"},
      {R"(["a.b"])", R"({"a":{"b":1.50}})"},
      {R"({"include": ["a"]})", R"({"a":{"b":1.50,"c":"x\n"}})"},
      {R"({"include": ["d[].e"]})", R"({"d":[{"e":1},{"e":3}]})"},
      {R"({"include": ["\"h i\""]})", R"({"h i":true})"},
      {R"({"exclude": ["a.b", "d"]})", R"({"a":{"c":"x\n"},"g":null,"h i":true})"},
      {R"({"exclude": ["d[].e", "a"]})", R"({"d":[{"f":2},{}],"g":null,"h i":true})"},
      {R"([])", "{}"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.selector);
    Parsed parsed(c.selector);
    const auto selector = read_payload_selector(&parsed.root(), false);
    ASSERT_TRUE(selector.ok());
    EXPECT_EQ(project(kPayload, *selector), c.want);
  }
}

TEST(PayloadSelector, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"1", R"("a")", R"({"inclde": []})", R"([1])"}) {
    Parsed parsed(text);
    EXPECT_FALSE(read_payload_selector(&parsed.root(), false).ok()) << text;
  }
}

TEST(PointSelection, OfNoIdsSelectsNothing) {
  Parsed parsed(R"({"points": []})");
  const auto selection = read_selection(parsed.root());
  ASSERT_TRUE(selection.ok());
  EXPECT_TRUE(selection->nothing());
}

TEST(PointSelection, NeedsIdsOrAFilter) {
  Parsed parsed(R"({"pionts": [1]})");
  EXPECT_EQ(read_selection(parsed.root()).error().status, 400);
}

TEST(Filters, ThatAskNothingBreakABound) {
  Parsed parsed(R"({"must": [{"key": "a"}]})");
  EXPECT_EQ(read_filter(parsed.root()).error().status, 422);
  Parsed unknown(R"({"mast": []})");
  EXPECT_EQ(read_filter(unknown.root()).error().status, 400);
}

TEST(Groups, AreTheStringsAndWholeNumbersThatAPathLeadsTo) {
  struct Case {
    const char* payload;
    std::vector<GroupId> want;
  };
  const Case cases[] = {
      {R"({"a": {"b": "x"}})", {GroupId("x")}},
      {R"({"a": {"b": [1, "x", 1]}})", {GroupId(std::int64_t{1}), GroupId("x")}},
      {R"({"a": {"b": 18446744073709551615}})", {GroupId(std::uint64_t{UINT64_MAX})}},
      {R"({"a": {"b": [1, 2.5]}})", {}},
      {R"({"a": {"b": true}})", {}},
      {R"({"a": 1})", {}},
      {"", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.payload);
    EXPECT_EQ(groups_of(c.payload, {"a", "b"}), c.want);
  }
}

}  // namespace
}  // namespace omendb

#include "server/json_map.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

TEST(JsonMap, KeepsTextsAndOrder) {
  const JsonMap map = JsonMap::parse(R"({"b": 1.50, "a": {"x": [1, 2]}, "c": "q\"\n"})");
  EXPECT_EQ(map.text(), R"({"b":1.50,"a":{"x": [1, 2]},"c":"q\"\n"})");
  EXPECT_EQ(map.map("a").get("x"), "[1, 2]");
  EXPECT_EQ(map.get("d"), "");
}

TEST(JsonMap, MergesWhatIsNotNull) {
  JsonMap map = JsonMap::parse(R"({"a": 1, "b": 2})");
  map.merge(JsonMap::parse(R"({"b": null, "a": 3, "c": 4})"));
  EXPECT_EQ(map.text(), R"({"a":3,"b":2,"c":4})");
  map.remove("a");
  EXPECT_EQ(map.text(), R"({"b":2,"c":4})");
}

TEST(JsonMap, OfWhatIsNoObjectIsEmpty) {
  for (const char* text : {"", "[]", "1", "{"}) EXPECT_TRUE(JsonMap::parse(text).empty()) << text;
}

}  // namespace
}  // namespace omendb

#include "server/json_writer.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace omendb {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().begin_object().end_object().number(2.0).null().end_array();
  json.member("c", "x").key("d").raw(R"({"deep":[1]})").member("e", true).end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[{},2.0,null],"c":"x","d":{"deep":[1]},"e":true})");
}

TEST(JsonWriter, EscapesWhatJsonDemandsAndNothingElse) {
  JsonWriter json;
  json.string(std::string_view("a\"b\\c\n\t\r\x01\0/é", 13));
  EXPECT_EQ(json.text(), "\"a\\\"b\\\\c\\n\\t\\r\\u0001\\u0000/é\"");
}

TEST(JsonWriter, WritesFloatsAsShortAsTheyReadBack) {
  struct Case {
    float value;
    const char* want;
  };
  const Case cases[] = {{0.19F, "0.19"},
                        {1.0F, "1.0"},
                        {-0.0F, "-0.0"},
                        {16777216.0F, "16777216.0"},
                        {0.1F, "0.1"},
                        {1e20F, "1e+20"},
                        {3.4028235e38F, "3.4028235e+38"},
                        {std::numeric_limits<float>::quiet_NaN(), "null"},
                        {std::numeric_limits<float>::infinity(), "null"}};
  for (const Case& c : cases) {
    JsonWriter json;
    json.number(c.value);
    EXPECT_EQ(json.text(), c.want);
  }
}

TEST(JsonWriter, EveryFloatReadsBackBitByBitEvenThroughADouble) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    JsonWriter json;
    json.number(value);
    double read = 0;
    std::from_chars(json.text().data(), json.text().data() + json.text().size(), read);
    ASSERT_EQ(static_cast<float>(read), value) << json.text();
  }
}

TEST(JsonWriter, WritesIdsAsTheyAreAskedFor) {
  JsonWriter json;
  json.begin_array()
      .id(PointId(18446744073709551615U))
      .id(*PointId::parse("550E8400E29B41D4A716446655440000"))
      .end_array();
  EXPECT_EQ(json.text(), R"([18446744073709551615,"550e8400-e29b-41d4-a716-446655440000"])");
}

TEST(JsonWriter, WritesDoublesAndNegativeIntegers) {
  JsonWriter json;
  json.begin_array().number(0.1 + 0.2).integer(std::int64_t{-5}).end_array();
  EXPECT_EQ(json.text(), "[0.30000000000000004,-5]");
}

}  // namespace
}  // namespace omendb

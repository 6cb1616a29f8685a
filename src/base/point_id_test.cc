#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "omendb/types.h"

namespace omendb {
namespace {

constexpr const char* kUuid = "550e8400-e29b-41d4-a716-446655440000";

TEST(PointId, ReadsNumbersAndEveryUsualSpellingOfAUuid) {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"0", "0"},
      {"42", "42"},
      {"18446744073709551615", "18446744073709551615"},
      {kUuid, kUuid},
      {"550E8400-E29B-41D4-A716-446655440000", kUuid},
      {"550e8400e29b41d4a716446655440000", kUuid},
      {"urn:uuid:550e8400-e29b-41d4-a716-446655440000", kUuid},
      {"{550e8400-e29b-41d4-a716-446655440000}", kUuid},
      {"00000000000000000000000000000007", "00000000-0000-0000-0000-000000000007"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Result<PointId> id = PointId::parse(c.text);
    ASSERT_TRUE(id.ok()) << id.error().message;
    EXPECT_EQ(id->to_string(), c.want);
  }
}

TEST(PointId, RefusesEverythingElseAndQuotesIt) {
  struct Case {
    std::string text, want;
  };
  const std::string neither = " is neither an unsigned number nor a UUID";
  const Case cases[] = {
      {"", "point id \"\"" + neither},
      {"-1", "point id \"-1\"" + neither},
      {"+1", "point id \"+1\"" + neither},
      {" 1", "point id \" 1\"" + neither},
      {"1.0", "point id \"1.0\"" + neither},
      {"12x", "point id \"12x\"" + neither},
      {"18446744073709551616", "point id \"18446744073709551616\" is over 18446744073709551615"},
      {"550e8400-e29b-41d4-a716-44665544000", "point id \"550e8400-e29b-41d4-a716-44665544000\"" + neither},
      {"550e8400-e29b-41d4-a716-44665544000g", "point id \"550e8400-e29b-41d4-a716-44665544000g\"" + neither},
      {"550e84000e29b041d40a7160446655440000", "point id \"550e84000e29b041d40a7160446655440000\"" + neither},
      {"a\nb", "point id \"a?b\"" + neither},
      {std::string(1000, 'x'), "point id \"" + std::string(64, 'x') + "...\"" + neither},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Result<PointId> id = PointId::parse(c.text);
    ASSERT_FALSE(id.ok());
    EXPECT_EQ(id.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(id.error().message, c.want);
  }
}

TEST(PointId, SurvivesTextAndBytes) {
  const std::uint64_t seed = 7;
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1'000; ++i) {
    std::array<std::uint8_t, 16> bytes;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const PointId uuid = PointId::uuid(bytes);
    const PointId number = random() >> (random() % 64);
    ASSERT_EQ(uuid.uuid_bytes(), bytes) << "seed " << seed;
    ASSERT_EQ(PointId::parse(uuid.to_string()).value(), uuid) << "seed " << seed;
    ASSERT_EQ(PointId::parse(number.to_string()).value(), number) << "seed " << seed;
  }
}

TEST(PointId, OrdersNumbersFirstThenUuidsByTheirBytes) {
  const std::vector<PointId> in_order = {
      PointId(0),
      PointId(9),
      PointId(10),
      PointId(~0ull),
      PointId::parse("00000000-0000-0000-0000-000000000000").value(),
      PointId::parse("00000000-0000-0000-ff00-000000000000").value(),
      PointId::parse("00000000-0000-0001-0000-000000000000").value(),
      PointId::parse("ff000000-0000-0000-0000-000000000000").value(),
  };
  EXPECT_TRUE(std::ranges::is_sorted(in_order));
  EXPECT_NE(PointId(0), PointId::uuid({}));
}

}  // namespace
}  // namespace omendb

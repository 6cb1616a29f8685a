#include <gtest/gtest.h>

#include "omendb/filter.h"

namespace omendb {
namespace {

std::optional<std::int64_t> microseconds(std::string_view text) {
  const auto time = parse_datetime(text);
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

TEST(ParseDatetime, ReadsTheUsualSpellings) {
  constexpr std::int64_t kNoon = 1'704'110'400'000'000;  // 2024-01-01 12:00 UTC: `date -d 2024-01-01T12:00Z +%s`
  struct Case {
    const char* text;
    std::int64_t want;
  };
  const Case cases[] = {
      {"2024-01-01T12:00:00Z", kNoon},
      {"2024-01-01t12:00:00z", kNoon},
      {"2024-01-01 12:00:00", kNoon},
      {"2024-01-01T12:00", kNoon},
      {"2024-01-01 12:00:00 UTC", kNoon},
      {"2024-01-01T13:00:00+01:00", kNoon},
      {"2024-01-01T13:00:00+0100", kNoon},
      {"2024-01-01T13:00:00+01", kNoon},
      {"2024-01-01T06:30:00 -05:30", kNoon},
      {"  2024-01-01T12:00:00.5Z", kNoon + 500'000},
      {"2024-01-01T12:00:00.123456789Z", kNoon + 123'456},
      {"2024-01-01", kNoon - 43'200'000'000},
      {"1969-12-31T23:59:59.999999Z", -1},
      {"2024-02-29", 1'709'164'800'000'000},
  };
  for (const Case& c : cases) EXPECT_EQ(microseconds(c.text), c.want) << c.text;
}

TEST(ParseDatetime, RefusesTheRest) {
  for (const char* text : {"", "2024", "2024-1-1", "2023-02-29", "2024-13-01", "2024-01-01T", "2024-01-01T24:00:00Z",
                           "2024-01-01T12", "2024-01-01T12:60", "2024-01-01T12:00:00.", "2024-01-01T12:00:00+",
                           "2024-01-01T12:00:00+1", "2024-01-01T12:00:00Zx", "2024-01-01x", "tomorrow"}) {
    EXPECT_EQ(parse_datetime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace omendb

#include "payload/value_key.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace omendb {
namespace {

TEST(ValueKey, SortsAsTheValuesDo) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> integers = {kLeast, -256, -1, 0, 1, 255, 256, kGreatest};
  for (std::size_t i = 0; i + 1 < integers.size(); ++i) EXPECT_LT(key_of(integers[i]), key_of(integers[i + 1])) << i;

  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> numbers = {-kInfinity, -1e300, -1.5, -1, -1e-310, 0, 1e-310, 1, 1.5, 1e300, kInfinity};
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) EXPECT_LT(key_of(numbers[i]), key_of(numbers[i + 1])) << i;
  EXPECT_EQ(key_of(-0.0), key_of(0.0));

  EXPECT_LT(key_of(GeoPoint{.lon = 170, .lat = -1}), key_of(GeoPoint{.lon = -170, .lat = 1})) << "by latitude first";
  EXPECT_LT(key_of(GeoPoint{.lon = -170, .lat = 1}), key_of(GeoPoint{.lon = 170, .lat = 1}));
}

TEST(ValueKey, ReadsBack) {
  for (const std::int64_t value : {std::int64_t{-7}, std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(integer_of_key(key_of(value)), value);
  }
  const GeoPoint place = place_of_key(key_of(GeoPoint{.lon = 13.405, .lat = -52.52}));
  EXPECT_EQ(place.lon, 13.405);
  EXPECT_EQ(place.lat, -52.52);
}

}  // namespace
}  // namespace omendb

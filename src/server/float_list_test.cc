#include "server/float_list.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace omendb {
namespace {

std::optional<std::size_t> parse(std::string text, std::vector<float>& values) {
  const std::size_t size = text.size();
  text.append(16, '\0');
  return parse_float_list(std::string_view(text).substr(0, size), values);
}

TEST(FloatList, ReadsNumbersAsTheyAreWritten) {
  std::vector<float> values(11);
  const auto count = parse(
      "[ 0,-0.0 ,1.5,\t-12345678.5, 123456789012345678901, 0.1234567890123456789012345 "
      ",1e3,-2.5E-2,1E+2,3.4028235e38\n,17]",
      values);
  ASSERT_EQ(count, 11U);
  EXPECT_EQ(values, (std::vector<float>{0, -0.0F, 1.5F, -12345678.5F, 123456789012345678901.0F, 0.12345679F, 1000,
                                        -0.025F, 100, 3.4028235e38F, 17}));
  EXPECT_TRUE(std::signbit(values[1]));
}

TEST(FloatList, CountsWhatDoesNotFit) {
  std::vector<float> values(2);
  EXPECT_EQ(parse("[1,2,3,4]", values), 4U);
  EXPECT_EQ(values[1], 2);
  EXPECT_EQ(parse("[]", values), 0U);
  EXPECT_EQ(parse("[ ]", values), 0U);
}

// What is beyond a double's range is left to others, too.
TEST(FloatList, RefusesWhatIsNoListOfNumbers) {
  std::vector<float> values(8);
  for (const char* text :
       {"",      "[",     "[1",    "[1,",   "[1,]",  "[,1]",    "[1 2]",         "[01]",     "[-01]",  "[1.]",
        "[.5]",  "[+1]",  "[-]",   "[1e]",  "[1e+]", "[null]",  "[[1]]",         "[\"1\"]",  "[1]x",   "[1]]",
        "[NaN]", "[0x1]", "[1_0]", "[1,2}", "[--1]", "[1.5.5]", "[00000000000]", "[1e-400]", "[1e400]"}) {
    EXPECT_FALSE(parse(text, values).has_value()) << text;
  }
}

TEST(FloatList, ReadsEveryFloatBackFromItsShortestAndItsLongText) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 50'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    if (i % 2 == 0) value = static_cast<float>(std::normal_distribution<double>()(random));
    char shortest[32];
    char longest[64];
    const auto short_end = std::to_chars(shortest, shortest + sizeof shortest, value).ptr;
    const auto long_end = std::to_chars(longest, longest + sizeof longest, double{value}).ptr;
    std::vector<float> values(2);
    ASSERT_EQ(parse("[" + std::string(shortest, short_end) + "," + std::string(longest, long_end) + "]", values), 2U);
    ASSERT_EQ(values[0], value) << std::string(shortest, short_end);
    ASSERT_EQ(values[1], value) << std::string(longest, long_end);
  }
}

}  // namespace
}  // namespace omendb

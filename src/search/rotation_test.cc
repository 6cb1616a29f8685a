#include "search/rotation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search/test_vectors.h"

namespace omendb {
namespace {

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

std::vector<float> rotated(const Rotation& rotation, std::vector<float> values) {
  values.resize(rotation.width());
  rotation.apply(values.data());
  return values;
}

TEST(Rotation, KeepsLengthsAndInnerProducts) {
  for (const std::size_t dimensions : {1u, 3u, 64u, 100u, 128u, 784u, 1025u, 65'536u}) {
    SCOPED_TRACE(dimensions);
    const Rotation rotation(code_dimensions_of(dimensions), 7);
    const std::vector<float> a = random_vectors(1, dimensions, 1);
    const std::vector<float> b = random_vectors(1, dimensions, 2);
    const std::vector<float> ra = rotated(rotation, a);
    const std::vector<float> rb = rotated(rotation, b);
    const double lengths = std::sqrt(dot(a, a) * dot(b, b));
    EXPECT_NEAR(dot(ra, ra), dot(a, a), 2e-6 * dot(a, a));
    EXPECT_NEAR(dot(ra, rb), dot(a, b), 2e-6 * lengths);
  }
}

TEST(Rotation, IsFixedByItsSeed) {
  const std::vector<float> values = random_vectors(1, 192, 3);
  EXPECT_EQ(rotated(Rotation(192, 5), values), rotated(Rotation(192, 5), values));
  EXPECT_NE(rotated(Rotation(192, 5), values), rotated(Rotation(192, 6), values));
}

// A vector along one axis has all its length in one coordinate: the worst case for one scale or one bit a coordinate.
TEST(Rotation, SpreadsAnAxisOverAllCoordinates) {
  for (const std::size_t width : {64u, 128u, 192u, 448u, 832u, 1088u}) {
    SCOPED_TRACE(width);
    double largest = 0;
    double sign_share = 0;  // <r, sign(r)> / (|r| sqrt(width)): sqrt(2 / pi) = 0.798 for normal coordinates
    for (std::size_t axis = 0; axis < width; ++axis) {
      const Rotation rotation(width, axis);
      std::vector<float> unit(width);
      unit[axis] = 1;
      rotation.apply(unit.data());
      for (const float value : unit) {
        largest = std::max(largest, std::fabs(static_cast<double>(value)) * std::sqrt(static_cast<double>(width)));
        sign_share += std::fabs(static_cast<double>(value)) / std::sqrt(static_cast<double>(width));
      }
    }
    EXPECT_LT(largest, 6);
    EXPECT_NEAR(sign_share / static_cast<double>(width), 0.798, 0.02);
  }
}

}  // namespace
}  // namespace omendb

// A random rotation of code space, in O(d log d): whatever the data, a rotated vector's coordinates look alike, which
// is what one-bit codes and one scale a row need.
//
// Random sign flips and Hadamard transforms take turns ("Fastfood": Le, Sarlos, Smola, ICML 2013). A Hadamard transform
// needs a power of two: other widths transform the largest one that fits, first at the front, then at the back, and mix
// the two halves pairwise. Every step is orthonormal, so lengths and inner products stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace omendb {

// Codes are made of whole groups of 64 dimensions; the rest is zero before the rotation.
constexpr std::size_t code_dimensions_of(std::size_t dimensions) { return (dimensions + 63) / 64 * 64; }

class Rotation {
 public:
  // The same seed gives the same rotation on every machine. `width` is a multiple of 64.
  Rotation(std::size_t width, std::uint64_t seed);

  std::size_t width() const { return width_; }

  // In place; any thread.
  void apply(float* values) const;

 private:
  void flip_and_transform(float* values, const float* signs) const;

  std::size_t width_;
  std::size_t power_;         // the largest power of two that is not above width_
  std::vector<float> signs_;  // power_ values a transform, each 1/sqrt(power_) or its negative
};

}  // namespace omendb

#include "search/rotation.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/assert.h"
#include "simd/kernels.h"

namespace omendb {
namespace {

// Three rounds make even a vector along one axis look random (one leaves its coordinates all of one size). Other widths
// than powers of two transform each half once a round, and two rounds are as many transforms of a coordinate as three.
constexpr std::size_t kPowerTransforms = 3;
constexpr std::size_t kOtherRounds = 2;

// splitmix64 (Steele, Lea, Flood, OOPSLA 2014): any seed will do, and the order of bits is the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// Fixed inner counts, here and below, let the compiler use vector registers: widths are multiples of 64.
void multiply(float* __restrict values, const float* __restrict factors, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 16) {
    for (std::size_t j = 0; j < 16; ++j) values[i + j] *= factors[i + j];
  }
}

// (a, b) becomes ((a + b), (a - b)) / sqrt(2) for each pair of the front and the back half.
void mix_halves(float* values, std::size_t width) {
  constexpr float kHalfTurn = std::numbers::sqrt2_v<float> / 2;
  float* __restrict front = values;
  float* __restrict back = values + width / 2;
  for (std::size_t i = 0; i < width / 2; i += 16) {
    for (std::size_t j = 0; j < 16; ++j) {
      const float a = front[i + j];
      const float b = back[i + j];
      front[i + j] = (a + b) * kHalfTurn;
      back[i + j] = (a - b) * kHalfTurn;
    }
  }
}

}  // namespace

Rotation::Rotation(std::size_t width, std::uint64_t seed) : width_(width), power_(std::bit_floor(width)) {
  OMEN_ASSERT(width > 0 && width % 64 == 0);
  const std::size_t transforms = power_ == width_ ? kPowerTransforms : 2 * kOtherRounds;
  const float unit = 1 / std::sqrt(static_cast<float>(power_));
  signs_.resize(transforms * power_);
  Random random(seed);
  for (std::size_t i = 0; i < signs_.size(); i += 64) {
    const std::uint64_t bits = random.next();
    for (std::size_t j = 0; j < 64; ++j) signs_[i + j] = (bits >> j & 1) != 0 ? unit : -unit;
  }
}

void Rotation::apply(float* values) const {
  if (power_ == width_) {
    for (std::size_t t = 0; t < kPowerTransforms; ++t) flip_and_transform(values, &signs_[t * power_]);
    return;
  }
  for (std::size_t round = 0; round < kOtherRounds; ++round) {
    flip_and_transform(values, &signs_[2 * round * power_]);
    flip_and_transform(values + (width_ - power_), &signs_[(2 * round + 1) * power_]);
    mix_halves(values, width_);
  }
}

void Rotation::flip_and_transform(float* values, const float* signs) const {
  multiply(values, signs, power_);
  simd::kernels().hadamard(values, power_);
}

}  // namespace omendb

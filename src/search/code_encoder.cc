#include "search/code_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "search/rounding.h"
#include "search/vector_values.h"
#include "simd/kernels.h"

namespace omendb {
namespace {

// Fixed inner counts let the compiler use vector registers: widths are multiples of 64.
constexpr std::size_t kStep = 16;

void subtract(const float* __restrict a, const float* __restrict b, float* __restrict to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kStep) {
    for (std::size_t j = 0; j < kStep; ++j) to[i + j] = a[i + j] - b[i + j];
  }
}

void add_to(float* __restrict sum, const float* __restrict values, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kStep) {
    for (std::size_t j = 0; j < kStep; ++j) sum[i + j] += values[i + j];
  }
}

void signs_as_halves(const float* __restrict values, float* __restrict to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kStep) {
    for (std::size_t j = 0; j < kStep; ++j) to[i + j] = std::copysign(0.5f, values[i + j]);
  }
}

// Bit j of nibble g is set if value 4 g + j has no minus sign.
void signs_as_nibbles(const float* values, std::uint8_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 4) {
    unsigned nibble = 0;
    for (unsigned j = 0; j < 4; ++j) nibble |= (~std::bit_cast<std::uint32_t>(values[i + j]) >> 31) << j;
    to[i / 4] = static_cast<std::uint8_t>(nibble);
  }
}

}  // namespace

CodeEncoder::CodeEncoder(const VectorField& field, const Rotation& rotation)
    : field_(field),
      rotation_(rotation),
      rotated_(rotation.width()),
      residual_(rotation.width()),
      halves_(rotation.width()) {}

const float* CodeEncoder::rotate(const std::byte* vector) {
  load(vector);
  rotation_.apply(rotated_.data());
  return rotated_.data();
}

void CodeEncoder::load(const std::byte* vector) {
  const std::size_t n = field_.dimensions;
  float* values = rotated_.data();
  copy_as_floats(field_, vector, values);
  std::fill(rotated_.begin() + static_cast<std::ptrdiff_t>(n), rotated_.end(), 0.0f);
  if (field_.metric != Metric::Cosine) return;
  const float norm2 = simd::kernels().dot_f32(values, values, n);
  if (!(norm2 > 0)) return;  // a zero vector stays one
  const float inverse = 1 / std::sqrt(norm2);
  for (std::size_t i = 0; i < n; ++i) values[i] *= inverse;
}

// The scale is the smallest that fits the largest coordinate. A smaller one that clips has a larger error: at 8 bits
// the best clip for normally distributed coordinates lies near 4 sigma, and the largest of d = 128 to 1,536 is at 2.8
// to 3.4.
CodeFactors CodeEncoder::write_code(const float* table_centre, std::int8_t* code) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const simd::Kernels& kernels = simd::kernels();
  const std::size_t width = rotated_.size();
  subtract(rotated_.data(), table_centre, residual_.data(), width);

  // Coordinates near the end of float32 may overflow: the codes stay numbers, the distance is exact in the end.
  const float max_abs = std::min(kernels.max_abs(residual_.data(), width), kLargest);
  const float norm2 = std::min(kernels.dot_f32(residual_.data(), residual_.data(), width), kLargest);
  const float inverse = max_abs > 0 ? 127 / max_abs : 0;
  if (std::isfinite(inverse)) {
    kernels.quantise_i8(residual_.data(), inverse, code, width);
  } else {
    std::memset(code, 0, width);  // all coordinates are below 1e-36
  }
  return {max_abs / 127, norm2};
}

// RaBitQ: <q, r> is estimated by (|r|^2 / <r, x>) <q, x>, which is unbiased over the rotations.
void CodeEncoder::write_signs(const ExtentCentre& extent, OpenBlock& block, std::size_t slot) {
  const simd::Kernels& kernels = simd::kernels();
  const std::size_t width = rotated_.size();
  add_to(block.sum.data(), rotated_.data(), width);

  const float* r = residual_.data();
  subtract(rotated_.data(), extent.centre.data(), residual_.data(), width);
  signs_as_nibbles(r, &block.nibbles[slot * width / 4], width);
  signs_as_halves(r, halves_.data(), width);

  const float norm2 = kernels.dot_f32(r, r, width);
  const float along = kernels.dot_f32(r, halves_.data(), width);
  const float gain = along > 0 ? norm2 / along : 0;
  const float offset = extent.is_table_centre ? 0 : kernels.dot_f32(extent.offset.data(), halves_.data(), width);

  float add = 0;
  float weight = 0;  // of <q, r> in the distance
  switch (field_.metric) {
    case Metric::L1:  // has no codes
    case Metric::L2:
      weight = 2;
      add = norm2 - kRounding * norm2;
      break;
    case Metric::Cosine:
      weight = 1;
      add = (norm2 - kRounding * norm2) / 2;
      break;
    case Metric::Dot: {
      weight = 1;
      const float centre2 = kernels.dot_f32(extent.centre.data(), extent.centre.data(), width);
      add = -kernels.dot_f32(extent.centre.data(), r, width) - kRounding * std::sqrt(centre2 * norm2);
      break;
    }
  }
  block.add[slot] = add + weight * gain * offset;
  block.rescale[slot] = -weight * gain;
  if (std::isfinite(block.add[slot]) && std::isfinite(block.rescale[slot])) return;
  // Out of float32's range: the row passes every scan, and its exact distance decides.
  block.add[slot] = -std::numeric_limits<float>::infinity();
  block.rescale[slot] = 0;
}

}  // namespace omendb

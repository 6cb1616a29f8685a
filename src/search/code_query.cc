#include "search/code_query.h"

#include <algorithm>
#include <numbers>

#include "search/code_parts.h"
#include "search/rounding.h"

namespace omendb {
namespace {

// A rounding is off by a number spread evenly over one step: its standard deviation is step / sqrt(12). Over all
// dimensions, randomly rotated, the roundings' inner product with a vector v is close to normal with deviation
// |v| step / sqrt(12). Four of those are passed once in 16,000 times.
constexpr float kRoundingDeviations = 4 * std::numbers::inv_sqrt3_v<float> / 2;

// 16 bits would do more; 8,191 keeps its rounding below a tenth of the code's, and 32-bit sums up to 2,064 dimensions.
std::int16_t query_limit(std::size_t width) {
  const std::size_t fits = 0x7fff'ffff / (127 * width);
  return static_cast<std::int16_t>(std::min<std::size_t>(fits, 8191));
}

std::vector<float> rotate(const CodeTable& table, std::span<const float> query) {
  const simd::Kernels& kernels = simd::kernels();
  std::vector<float> values(query.begin(), query.end());
  values.resize(table.code_dimensions());
  if (table.metric() == Metric::Cosine) {
    const float norm2 = kernels.dot_f32(values.data(), values.data(), query.size());
    const float inverse = norm2 > 0 ? 1 / std::sqrt(norm2) : 0;
    for (float& value : values) value *= inverse;
  }
  table.parts().rotation.apply(values.data());
  return values;
}

}  // namespace

CodeQuery::CodeQuery(const CodeTable& table, std::span<const float> query)
    : table_(table),
      dot_(simd::kernels().dot_i16_i8),
      dot_x4_(simd::kernels().dot_i16_i8_x4),
      rotated_(rotate(table, query)),
      query_(rotated_.size()) {
  const simd::Kernels& kernels = simd::kernels();
  const std::size_t width = rotated_.size();
  const std::vector<float>& centre = table.parts().centre;
  const float norm2 = kernels.dot_f32(rotated_.data(), rotated_.data(), width);
  if (table.metric() == Metric::Cosine && norm2 == 0) {
    base_ = 1;  // no direction: as far from every row as a right angle
    return;
  }

  // What is multiplied with the code: for dot product <q, x> = <q, centre> + <q, x - centre>.
  std::vector<float> factor = rotated_;
  if (table.metric() != Metric::Dot) {
    for (std::size_t i = 0; i < width; ++i) factor[i] -= centre[i];
  }
  const std::int16_t limit = query_limit(width);
  const float max_abs = kernels.max_abs(factor.data(), width);
  const float step = max_abs / static_cast<float>(limit);
  const float inverse = 1 / step;
  if (std::isfinite(inverse)) kernels.quantise_i16(factor.data(), inverse, limit, query_.data(), width);

  const float factor2 = kernels.dot_f32(factor.data(), factor.data(), width);
  const float length = std::sqrt(factor2);
  float weight = 1;  // of <factor, x - centre>
  switch (table.metric()) {
    case Metric::L1:  // has no codes
    case Metric::L2:
      weight = 2;
      base_ = factor2;
      norm_weight_ = 1;
      break;
    case Metric::Cosine:  // half the squared distance of the normalised vectors
      base_ = factor2 / 2;
      norm_weight_ = 0.5f;
      break;
    case Metric::Dot: base_ = -kernels.dot_f32(rotated_.data(), centre.data(), width); break;
  }
  dot_weight_ = -weight * step;
  error_weight_ = weight * kRoundingDeviations * length;
  length_error_weight_ = weight * (kRoundingDeviations * step + kRounding * length);
  norm_error_weight_ = kRounding * norm_weight_;
  const float centre2 = kernels.dot_f32(centre.data(), centre.data(), width);
  base_error_ = kRounding * weight / 2 * (norm2 + centre2);
}

}  // namespace omendb

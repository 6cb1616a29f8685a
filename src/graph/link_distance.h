// How far apart two rows are when links are made: by their 8-bit codes, never negative.
//
// L2 and cosine: squared Euclidean distance. Dot: M^2 - <a, b>, where a and b are taken from the centre of the codes
// and M is the longest row. The centre does no harm: a query ranks rows by <q, x> = <q, x - centre> + <q, centre>,
// and the second term is the same for all. M^2 keeps the distances positive, so that pruning by a factor means
// something. The usual lift into Euclidean space (one coordinate more, sqrt(M^2 - |x|^2): Bachrach et al., RecSys
// 2014) was measured and rejected: with spread norms queries lie far from all rows in that space, and recall fell
// from 0.99 to 0.68 to 0.93.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/row.h"
#include "search/code_table.h"
#include "simd/kernels.h"

namespace omendb {

class LinkDistance {
 public:
  // `norm2_max`: M^2 of the rows linked so far; only Metric::Dot asks.
  LinkDistance(const CodeTable& codes, float norm2_max)
      : codes_(codes),
        dot_(simd::kernels().dot_i8),
        dot_x4_(simd::kernels().dot_i8_x4),
        norm2_max_(norm2_max),
        by_product_(codes.metric() == Metric::Dot) {}

  float operator()(const CodeRecord& a, const CodeRecord& b) const {
    return from_dot(a.factors, b.factors, dot_(a.code, b.code, codes_.code_dimensions()));
  }

  Distances4 operator()(const CodeRecord& a, const Rows4& rows) const {
    const Codes4 codes = codes_.codes(rows);
    std::int32_t dots[4];
    dot_x4_(a.code, codes.data(), codes_.code_dimensions(), dots);
    Distances4 distances;
    for (std::size_t i = 0; i < 4; ++i) distances[i] = from_dot(a.factors, codes_.factors(rows[i]), dots[i]);
    return distances;
  }

 private:
  float from_dot(CodeFactors a, CodeFactors b, std::int32_t dot) const {
    const float product = a.scale * b.scale * static_cast<float>(dot);
    return std::max(0.0f, by_product_ ? norm2_max_ - product : a.norm2 + b.norm2 - 2 * product);
  }

  const CodeTable& codes_;
  std::int32_t (*dot_)(const std::int8_t*, const std::int8_t*, std::size_t);
  void (*dot_x4_)(const std::int8_t*, const std::int8_t* const*, std::size_t, std::int32_t*);
  float norm2_max_;
  bool by_product_;
};

// M^2 of rows [begin, end) and those already `known`; left as it is where the metric does not ask.
inline float largest_norm2(const CodeTable& codes, std::uint32_t begin, std::uint32_t end, float known) {
  if (codes.metric() != Metric::Dot) return known;
  for (std::uint32_t row = begin; row < end; ++row) known = std::max(known, codes.factors(Row{row}).norm2);
  return known;
}

}  // namespace omendb
